/* share.h - reading along for one of several: events of some partitions alone. */
#ifndef LOG_SHARE_H
#define LOG_SHARE_H

#include "log/log.h"

/* From now on log_read_after gives the reader events of the partitions p alone of which p % n == which, and its
 * *ret_sequence moves past the others. */
void log_reader_take_share(struct log_reader *reader, unsigned n, unsigned which);

#endif
