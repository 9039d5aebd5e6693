"""The command `hub`: for whoever runs the hub or writes a connector for it."""
