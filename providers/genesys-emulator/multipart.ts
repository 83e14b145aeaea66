/** The bytes of the part of a multipart form that holds a file: the one named `file`, or else the one with a file name. */
export function fileOfForm(contentType: string, body: Uint8Array): Uint8Array | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const parts = partsOf(Buffer.from(body), boundary);
  const file = parts.find(({ head }) => /name="file"/i.test(head)) ?? parts.find(({ head }) => /filename=/i.test(head));
  return file?.content;
}

function partsOf(body: Buffer, boundary: string): readonly { head: string; content: Uint8Array }[] {
  const mark = Buffer.from(`--${boundary}`);
  const parts: { head: string; content: Uint8Array }[] = [];
  let from = body.indexOf(mark);
  while (from >= 0) {
    const start = from + mark.length + 2;
    const next = body.indexOf(mark, start);
    if (next < 0) return parts;
    const blank = body.indexOf('\r\n\r\n', start);
    if (blank >= 0 && blank < next) parts.push({ head: body.toString('utf8', start, blank), content: body.subarray(blank + 4, next - 2) });
    from = next;
  }
  return parts;
}
