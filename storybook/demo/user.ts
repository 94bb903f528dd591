/** The one who is signed in here. There is no password; this is a demonstration. */
export const user = { id: 'ada', name: 'Ada' } as const;
