// Whose write key it is. in: digest; out: brand_id
MATCH (n:Sender {write_key_digest: $digest})
RETURN n.brand_id AS brand_id
