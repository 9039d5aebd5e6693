-- What is known of a credential beside its value, and what many failures have in common.

ALTER TABLE hub.integration_health
    ADD COLUMN certificate_ends_at timestamptz,
    ADD COLUMN secret_revision text, -- another one after each rotation
    ADD COLUMN look_at timestamptz, -- when to look whether the secret was rotated, where the next check is far off
    ADD COLUMN endings_told jsonb NOT NULL DEFAULT '{}', -- which ends were told, and how many days before
    ADD COLUMN cause text; -- of the last check's failure, where others share it
CREATE INDEX integration_health_looks ON hub.integration_health (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX integration_health_causes ON hub.integration_health (cause) WHERE cause IS NOT NULL;
CREATE INDEX integration_health_certificates ON hub.integration_health (tenant_id, certificate_ends_at)
    WHERE certificate_ends_at IS NOT NULL;
GRANT UPDATE (certificate_ends_at, secret_revision, look_at, endings_told, cause) ON hub.integration_health
    TO hub_api, hub_record;
GRANT UPDATE (next_check_at, look_at) ON hub.integration_health TO hub_claim;
GRANT SELECT (credential_rotated_at), UPDATE (credential_rotated_at) ON hub.integrations TO hub_record;

-- The deployment's, no tenant's: one row, one alert and one recovery for however many integrations it takes along.
CREATE TABLE hub.incidents (
    id uuid PRIMARY KEY,
    cause text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);
CREATE UNIQUE INDEX incidents_open ON hub.incidents (cause) WHERE closed_at IS NULL;
GRANT SELECT, INSERT, UPDATE (closed_at) ON hub.incidents TO hub_record;
