/* lock_order.h - the order in which locks are taken; nothing but this text.
 *
 * Who holds one may take those below it and none above it.  None of them is held while a thread waits for the disk or
 * for another thread's work, but for the four marked so.
 *
 *    1  memberships.editing        one segment at a time is made or changed; waits for the writer's job (marked)
 *       service.choosing           as of when questions are answered is read and taken once at a time; the same (marked)
 *       service.importing          one file is imported at a time; waits for the writer's jobs (marked)
 *    2  segment_check.entered      who may move customers in and out of segments; the writer keeps it from folding a
 *                                  group until it is committed (marked)
 *    3  service.lock               dictionaries, identities, consents, states, traits and scores in memory: the writer
 *                                  for writing, in slices of 256 events; everybody else for reading, and the refresh
 *                                  thread for writing scores
 *    4  memberships.mutex          members and definitions; for the time of one check
 *    5  live.scratch_lock, states.waiting_lock, trait_names.lock, access.lock, refresh.mutex, learning.mutex,
 *       reading_pool.mutex, renewal.mutex, stream.mutex, workers.mutex, connections.mutex, timers.mutex,
 *       handover.mutex, kept.mutex
 *                                  for a few loads and stores; none of them is held while another of them is taken
 *    6  ingest.mutex               the queue, what is under way, the counts
 *    7  scheduler.mutex            alarms; nobody is rung while it is held
 *
 * The writer's thread is the only one that changes the store, so the store has no lock: a job is the way to write. */
#ifndef HUB_LOCK_ORDER_H
#define HUB_LOCK_ORDER_H
#endif
