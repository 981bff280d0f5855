// A minimum and a timeout of 0 are as if there were none; what is resolved with a thenable is what that gives.
export const backgroundTaskTimeoutSec = 0;
export const backgroundTaskMinRuntimeMS = 0;
const runBackgroundTask = () => Promise.resolve(Promise.resolve({ then: resolve => resolve(13) }));
export { runBackgroundTask };
