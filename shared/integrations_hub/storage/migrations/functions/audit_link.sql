-- Add one link to a tenant's chain. Called by audit_append and the purges alone: it takes any tenant.
-- The head is locked first, so that sequence, time and hash follow one another. The hash is SHA-256 over the previous
-- hash and the RFC 8785 text of the link; to_json escapes strings exactly as RFC 8785 section 3.2.2.2 asks.
CREATE OR REPLACE FUNCTION hub.audit_link(
    chain text, actor text, action text, integration_id uuid, details text
) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    INSERT INTO hub.audit_heads (tenant_id) VALUES (audit_link.chain) ON CONFLICT DO NOTHING;
    SELECT h.seq FROM hub.audit_heads AS h WHERE h.tenant_id = audit_link.chain FOR UPDATE;
    WITH head AS MATERIALIZED (
        SELECT h.seq + 1 AS seq, h.hash AS prev_hash,
            to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
        FROM hub.audit_heads AS h WHERE h.tenant_id = audit_link.chain
    ), link AS MATERIALIZED (
        SELECT head.seq, head.prev_hash, head.at, sha256(head.prev_hash || convert_to(
            '{"action":' || to_json(audit_link.action)::text
            || ',"actor":' || to_json(audit_link.actor)::text
            || ',"details":' || audit_link.details
            || ',"integrationId":' || coalesce(to_json(audit_link.integration_id)::text, 'null')
            || ',"seq":' || head.seq::text
            || ',"tenantId":' || to_json(audit_link.chain)::text
            || ',"timestamp":' || to_json(head.at)::text || '}', 'UTF8')) AS hash
        FROM head
    ), moved AS (
        UPDATE hub.audit_heads AS h SET seq = link.seq, hash = link.hash FROM link WHERE h.tenant_id = audit_link.chain
    )
    INSERT INTO hub.audit_logs (tenant_id, seq, "timestamp", actor, action, integration_id, details, prev_hash, hash)
    SELECT audit_link.chain, link.seq, link.at, audit_link.actor, audit_link.action, audit_link.integration_id,
        audit_link.details, link.prev_hash, link.hash
    FROM link;
    SELECT h.seq FROM hub.audit_heads AS h WHERE h.tenant_id = audit_link.chain;
END;
