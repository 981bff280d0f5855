// Its import takes longer than its timeout: the clocks start afterwards.
const begin = Date.now();
while (Date.now() < begin + 500);

export const backgroundTaskTimeoutSec = 0.3;
export const backgroundTaskMinRuntimeMS = 1;

export function runBackgroundTask() {
  return 12;
}
