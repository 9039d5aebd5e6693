"""The audit trail: append-only, one hash chain per tenant."""
