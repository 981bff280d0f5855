// SPDX-License-Identifier: MPL-2.0
// A lot of each, which must not take a time that grows with the square of it: run.py would lose its patience.

import { Checks } from "resource://testing-common/check.sys.mjs";

const COUNT = 20000;
const numbers = length => Array.from({ length }, (_item, index) => index);

async function checkText(t) {
  const url = new URL("https://a/");
  numbers(COUNT).forEach(index => url.searchParams.append(`k${index}`, "v"));
  t.equal("parameters of a URL", new URL(url.href).searchParams.size, COUNT);
  const headers = new Headers(numbers(5000).map(index => [`x-${index}`, "v"]));
  t.equal("headers", [...headers].length, 5000);
  const form = new FormData();
  numbers(COUNT).forEach(index => form.append(`k${index}`, "v"));
  t.equal("a form", [...(await new Response(form).formData())].length, COUNT);
  const long = "long/".repeat(COUNT * 10);
  t.equal("a long URL", new URL(`https://a/${long}?${long}#${long}`).href.length, 3 * long.length + 12);
  t.equal("base64", atob(btoa(long)) == long, true);
  const { length } = await (await fetch(`data:;base64,${btoa(long)}`)).bytes();
  t.equal("a long data: URL", length, long.length);
}

function checkTree(t) {
  const text = `<a>${"<b c='d'>text</b>".repeat(COUNT)}</a>`;
  const document = new DOMParser().parseFromString(text, "text/xml");
  const root = document.documentElement;
  let count = 0;
  for (let at = root.firstChild; at; at = at.nextSibling) {
    count++;
  }
  const list = document.getElementsByTagName("b");
  for (let index = 0; index < list.length; index++) {
    count += list[index].nodeType;
  }
  t.equal("going through a tree", count, 2 * COUNT);
  t.equal("selectors", ["a > b[c=d]", "b + b", "b:nth-child(2n)", "b:first-child ~ b"].map(each => root.querySelectorAll(each).length),
    [COUNT, COUNT - 1, COUNT / 2, COUNT - 1]);
  while (root.firstChild) {
    root.firstChild.remove();
  }
  t.equal("taken apart", root.childNodes.length, 0);
}

async function checkOthers(t) {
  t.equal("a wide clone", structuredClone(numbers(COUNT * 2).map(index => ({ index }))).length, COUNT * 2);
  let deep = {};
  for (let depth = 0; depth < COUNT * 2; depth++) {
    deep = { deep };
  }
  let depth = 0;
  for (let at = structuredClone(deep); at.deep; at = at.deep) {
    depth++;
  }
  t.equal("a deep clone", depth, COUNT * 2);
  const stream = new ReadableStream({ start(controller) { numbers(COUNT).forEach(each => controller.enqueue(each)); controller.close(); } });
  let chunks = 0;
  for await (const chunk of stream) {
    chunks += chunk == chunks;
  }
  t.equal("chunks of a stream", chunks, COUNT);
  const target = new EventTarget();
  let heard = 0;
  numbers(COUNT / 10).forEach(() => target.addEventListener("x", () => heard++));
  target.dispatchEvent(new Event("x"));
  t.equal("listeners", heard, COUNT / 10);
  Glean.large.metric.accumulateSamples(numbers(COUNT));
  t.equal("samples", Glean.large.metric.testGetValue().count, COUNT);
}

export async function runBackgroundTask() {
  const t = new Checks();
  await checkText(t);
  checkTree(t);
  await checkOthers(t);
  return t.exitCode;
}
