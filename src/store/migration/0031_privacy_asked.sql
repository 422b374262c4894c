-- What somebody asked for is listed without a look at what retention asked for and has done, of which there may be many.
CREATE INDEX privacy_request_asked ON privacy_request (id) WHERE NOT (source = 'retention' AND state = 'done');
