/** One generated file: where it goes, from the project's root, and what must be in it. */
interface GeneratedFile {
  path: string;
  text: string;
}

/** Nothing is generated yet. */
const files: GeneratedFile[] = [];

console.log(`${files.length} generated files`);
