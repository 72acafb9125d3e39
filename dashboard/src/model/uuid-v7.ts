/** The smallest UUIDv7 of a millisecond: ids of rows that began then or later are not smaller. */
export function uuidV7At(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}
