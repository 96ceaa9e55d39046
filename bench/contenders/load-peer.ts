/** Loads a peer by name: its types are not there until the bench has installed it. */
export async function loadPeer<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}
