-- Everybody who is inside of something.
SELECT identity FROM journey_entry WHERE end = '';
