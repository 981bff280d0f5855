export class runBackgroundTask {}
