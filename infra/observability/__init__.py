"""The dashboards: one list of panels, written as Grafana and as CloudWatch read it."""
