"""What beside template.yaml makes the stack on AWS: its network, database and alarms, and how it is read."""
