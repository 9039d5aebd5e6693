"""Every layer of the deployment, built as `sam build` builds it."""
