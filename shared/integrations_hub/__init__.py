"""The Integrations hub: a catalogue of connections to outside tools, and the service that keeps it true."""
