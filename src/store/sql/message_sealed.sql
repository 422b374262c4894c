-- What message ?1 holds, under whose key.
-- takes id
SELECT message.identity, channel, topic, message.key, sealed, returned, profile.key AS customer_key
FROM message JOIN message_content USING (id) LEFT JOIN profile ON profile.identity = message.identity WHERE message.id = ?1;
