-- The heads of the audit chains, by tenant, those after a name, at most `wanted`: what the log keeps as the outside
-- witness. Called by hub_maintenance.
CREATE OR REPLACE FUNCTION hub.chain_heads(after text, wanted integer)
RETURNS TABLE (tenant_id text, seq bigint, hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, hub, pg_temp
BEGIN ATOMIC
    SELECT h.tenant_id, h.seq, encode(h.hash, 'hex') FROM hub.audit_heads AS h
    WHERE h.tenant_id > after ORDER BY h.tenant_id LIMIT wanted;
END;
