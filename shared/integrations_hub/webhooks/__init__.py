"""Webhooks: have a provider deliver its events, and believe those that are proven."""
