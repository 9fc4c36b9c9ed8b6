// `npm run docs`: the documentation as one folder of files, which needs no server and loads nothing from any other host.
import { access, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { buildDocs, withoutSecretIds } from './docs.js';
import { type Guide, guideGroups } from './site/guides.js';
import { rendered } from './site/markdown.js';
import { framed, readStyle } from './site/page.js';
import { startPage } from './site/start-page.js';
import { workflowFiles, workflowsFolder } from './workflows-page.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundlePath = join(root, 'generated/openapi.json');
const pictures = ['layout.svg', 'way.svg'];

/**
 * Writes the site into an emptied folder.
 * @throws Error when a link of a guide leads nowhere
 */
export async function buildSite(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'docs'), { recursive: true });
  await buildDocs(bundlePath, join(folder, 'docs/index.html'), { home: '../index.html' });
  await writeDownloads(folder);
  for (const picture of pictures)
    await copyFile(join(root, 'docs', picture), join(folder, picture));
  await writePages(folder);
}

/** The document as the service serves it, and the workflows beside it. */
async function writeDownloads(folder: string): Promise<void> {
  const published = JSON.parse(withoutSecretIds(await readFile(bundlePath, 'utf8'))) as unknown;
  await writeFile(join(folder, 'openapi.json'), `${JSON.stringify(published, null, 2)}\n`);
  await writeFile(
    join(folder, 'openapi.yaml'),
    stringify(published, { aliasDuplicateObjects: false }),
  );
  await cp(workflowsFolder, join(folder, 'workflows'), { recursive: true });
}

async function writePages(folder: string): Promise<void> {
  const groups = await presentGroups();
  const frame = { style: await readStyle(), groups };
  const guides = groups.flatMap((group) => group.guides);
  const ids = new Map<string, ReadonlySet<string>>();
  const links: { readonly from: string; readonly to: string }[] = [];
  for (const guide of guides) {
    const text = await readFile(join(root, guide.file), 'utf8');
    const page = rendered(text, (url) => {
      const address = addressOf(guide, url, guides);
      if (address !== undefined) links.push({ from: guide.page, to: address });
      return address;
    });
    ids.set(`${guide.page}.html`, page.ids);
    await writeFile(join(folder, `${guide.page}.html`), framed({ ...guide, ...page }, frame));
  }
  const document = JSON.parse(await readFile(bundlePath, 'utf8')) as unknown;
  await writeFile(
    join(folder, 'index.html'),
    framed(startPage(document, groups, await workflowFiles()), frame),
  );
  await refuseDeadLinks(folder, links, ids);
}

async function presentGroups() {
  const groups = guideGroups.map(async ({ readers, guides }) => {
    const there = await Promise.all(guides.map(({ file }) => isThere(join(root, file))));
    return { readers, guides: guides.filter((_, index) => there[index]) };
  });
  return Promise.all(groups);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A link of Markdown as a link of the site; nothing for what the site does not have. */
function addressOf({ file }: Guide, url: string, guides: readonly Guide[]): string | undefined {
  if (/^[a-z]+:/.test(url)) return url;
  const [path = '', hash] = url.split('#');
  const end = hash === undefined ? '' : `#${hash}`;
  if (path === '') return end;
  const target = relative(root, resolve(root, dirname(file), path));
  const guide = guides.find((one) => one.file === target);
  if (guide !== undefined) return `${guide.page}.html${end}`;
  if (target.startsWith('api-spec/workflows/')) return `workflows/${basename(target)}`;
  if (dirname(target) === 'docs' && pictures.includes(basename(target))) return basename(target);
  return target === 'README.md' ? 'index.html' : undefined;
}

async function refuseDeadLinks(
  folder: string,
  links: readonly { readonly from: string; readonly to: string }[],
  ids: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  for (const { from, to } of links) {
    if (/^[a-z]+:/.test(to)) continue;
    const [path = '', hash] = to.split('#');
    const page = path === '' ? `${from}.html` : path;
    const isDead =
      !(await isThere(join(folder, page))) ||
      (hash !== undefined && ids.get(page)?.has(hash) !== true);
    if (isDead) throw new Error(`${from}: the link to ${to} leads nowhere.`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildSite(join(root, 'site'));
  console.log('Written: site/ (open site/index.html)');
}
