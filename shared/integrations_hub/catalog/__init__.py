"""The catalogue of integrations: what is registered, by whom it is read, and how it changes."""
