-- Of requests, those that wait are few however many are done: retention asks for one erasure after another.
CREATE INDEX privacy_request_state ON privacy_request (state, identity);
