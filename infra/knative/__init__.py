"""The Knative deployment: what of it follows from the functions is generated here, by `make knative`."""
