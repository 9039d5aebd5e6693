"""Tenants: what a tenant decides for itself, and where its alerts go."""
