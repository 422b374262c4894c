-- Every member of every segment.
SELECT segment, identity, since_ms FROM segment_member;
