/**
 * The folders that the system watches for us. Node's own watcher is used and no library over it: what is wanted is
 * every event of a folder, and a new watch as soon as another folder stands under the name. chokidar holds back
 * events of a file for 50 ms, and shares one watch of a path in the whole process, also after the folder was replaced.
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';

/** `rename`: something appeared under the name or went; `change`: what is there was written, or its mode changed. */
export type ChangeKind = 'rename' | 'change';

interface Opened {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/** A watch of each folder that matters, opened and closed as they come and go. */
export class FolderWatches {
  readonly #opened = new Map<string, Opened>();
  /** What could not be watched, so that it is told once. */
  readonly #refused = new Set<string>();
  readonly #onChange: (path: string, kind: ChangeKind) => void;
  readonly #onError: (error: Error) => void;

  constructor(onChange: (path: string, kind: ChangeKind) => void, onError: (error: Error) => void) {
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /** Watches these folders and no others; tells whether any is watched from now on that was not. */
  renew(folders: ReadonlyMap<string, string>): boolean {
    for (const [folder, { identity }] of this.#opened) {
      if (folders.get(folder) !== identity) this.#drop(folder);
    }
    let isMore = false;
    for (const [folder, identity] of folders) {
      if (!this.#opened.has(folder)) isMore = this.#open(folder, identity) || isMore;
    }
    return isMore;
  }

  close(): void {
    for (const folder of this.#opened.keys()) this.#drop(folder);
  }

  #open(folder: string, identity: string): boolean {
    try {
      const watcher = watch(folder, (kind, name) => {
        // Without a name the event may be about the folder itself, which then may be another one.
        const isSelf = name === null || name === basename(folder);
        if (isSelf && kind === 'rename') this.#drop(folder);
        this.#onChange(name === null ? folder : join(folder, name), kind);
      });
      watcher.on('error', (error) => this.#refuse(folder, error));
      this.#opened.set(folder, { identity, watcher });
      this.#refused.delete(folder);
      return true;
    } catch (error) {
      this.#refuse(folder, error as Error);
      return false;
    }
  }

  #refuse(folder: string, error: Error): void {
    this.#drop(folder);
    const { code } = error as NodeJS.ErrnoException;
    // It went between the look and the watch: the next look finds that.
    if (code === 'ENOENT' || this.#refused.has(folder)) return;
    this.#refused.add(folder);
    this.#onError(error);
  }

  #drop(folder: string): void {
    this.#opened.get(folder)?.watcher.close();
    this.#opened.delete(folder);
  }
}
