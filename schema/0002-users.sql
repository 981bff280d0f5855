-- SPDX-License-Identifier: MPL-2.0
-- Version 2: runs by user, for those who may see no one else's, and so that users take turns in the queue.

-- A user's history, newest first.
CREATE INDEX run_user ON run (uid);
-- Whose turn it is: the first queued run of the next user is one look-up. That a run starts or is queued again does
-- not touch it, as it does not touch run_active: both need room only when a run is added.
CREATE INDEX run_user_active ON run (uid) WHERE state IN ('queued', 'starting', 'running', 'held');
