/**
 * One edit is allowed for this many characters of a name. A name at a greater distance was not meant.
 */
const CHARACTERS_PER_EDIT = 3;

/**
 * Finds the name that was probably meant. Case, "-" and "_" are ignored.
 *
 * @param names in order: the first one wins a tie
 * @returns `undefined` if no name is near enough
 */
export function nearestName(wrong: string, names: Iterable<string>): string | undefined {
  const plain = plainForm(wrong);
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const most = Math.max(1, Math.floor(name.length / CHARACTERS_PER_EDIT));
    if (Math.abs(plain.length - name.length) > most) continue;
    const distance = editDistance(plain, plainForm(name));
    if (distance > most || distance >= least) continue;
    nearest = name;
    least = distance;
  }
  return nearest;
}

function plainForm(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/**
 * The least number of edits that make one text of the other: inserting, deleting or replacing a character, or swapping
 * two neighbours (optimal string alignment).
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, count) => count);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const replaced = at(last, column - 1) + (isSame ? 0 : 1);
      let least = Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1);
      const isExchange = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isExchange && column > 1) least = Math.min(least, at(beforeLast, column - 2) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
