// Never settles, and says nothing of how long it may take.
export function runBackgroundTask() {
  return new Promise(() => {});
}
