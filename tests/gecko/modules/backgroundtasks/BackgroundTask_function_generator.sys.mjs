export function* runBackgroundTask() {
  yield 5;
}
