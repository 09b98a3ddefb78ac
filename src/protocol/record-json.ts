// The stored JSON of a record: its number and time, and the payload that was encoded once. No schemas, as in terminal.ts.

/** The stored JSON of a frame, from the JSON of its payload (an object). */
export const frameJson = (stream_id: string, seq: number, at: number, payload: string): string =>
  joinJson(`{"stream_id":"${stream_id}","seq":${seq},"at":${at}`, payload);

/** The stored JSON of a record that is no frame. */
export const recordJson = (pos: number, at: number, payload: string): string =>
  joinJson(`{"pos":${pos},"at":${at}`, payload);

const joinJson = (head: string, payload: string): string =>
  payload.length > 2 ? `${head},${payload.slice(1)}` : `${head}}`;
