// How the page's code is made: what the joiner and the content security policy rely on.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../src/report/page/', import.meta.url));
const LISTED = readFileSync(`${PAGE}modules.txt`, 'utf8').trim().split('\n');
const source = path => readFileSync(PAGE + path, 'utf8');

test('every module is listed once', () => {
  const found = readdirSync(PAGE, { recursive: true }).filter(path => path.endsWith('.js') && path !== 'boot.js');
  assert.deepEqual([...LISTED].sort(), found.sort());
});

test('no file has more than 400 lines', () => {
  for (const path of [...LISTED, 'boot.js', 'style.css', 'page.html']) assert.ok(source(path).split('\n').length <= 400, path);
});

test('names at the top of modules are unique, so that they can be joined into one script', () => {
  const names = LISTED.flatMap(path => [...source(path).matchAll(/^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm)].map(([, name]) => name));
  assert.deepEqual(names.filter((name, k) => names.indexOf(name) !== k), []);
});

test('what a module computes when it is loaded comes from modules before it', () => {
  LISTED.forEach((path, k) => {
    for (const [, from] of source(path).matchAll(/^import .* from '(.*)';$/gm)) {
      const imported = normalize(join(dirname(path), from));
      assert.ok(imported === 'boot.js' || LISTED.includes(imported), `${path} imports ${imported}`);
      assert.notEqual(imported, LISTED[k]);
    }
  });
});

test('an import is one line, and a comment a line of its own', () => {
  for (const path of LISTED) {
    assert.doesNotMatch(source(path), /^import [^;]*\n/m, path);
    assert.doesNotMatch(source(path), /\/\*|;[ \t]+\/\/ /, path);
    for (const [template] of source(path).matchAll(/`[^`]*`/g)) assert.ok(!template.includes('\n'), `${path}: ${template}`);
  }
});

test('text is never markup, and nothing is made from text that runs', () => {
  for (const path of [...LISTED, 'boot.js']) assert.doesNotMatch(source(path), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('(style|on)/, path);
  assert.doesNotMatch(source('page.html'), / (style|on\w+)=/);
});

test('no word of a domain is in the code', () => {
  const words = /\b(flights|airline|seat|ticket|booking|passenger|fare|restaurant|courier|parcel|deposit|balance)s?\b/i;
  for (const path of LISTED) {
    const code = source(path).split('\n').filter(line => !line.trim().startsWith('//')).join('\n');
    assert.doesNotMatch(code, words, path);
  }
});
