/** The package `yaml`, loaded when it is first needed: nearly all policies are read without it, and a short command would wait for it. */
import { createRequire } from 'node:module';

type YamlPackage = typeof import('yaml');

let loaded: YamlPackage | undefined;

/** Gives the package; it is on disk as CommonJS, too, which loads at once. */
export function yamlPackage(): YamlPackage {
  loaded ??= createRequire(import.meta.url)('yaml') as YamlPackage;
  return loaded;
}
