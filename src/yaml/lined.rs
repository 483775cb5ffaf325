//! A string of several lines becomes another one: only the lines that differ are written.

use std::ops::Range;

use super::lines::{column, line_break, line_end, next_line, slice};
use super::quoted;
use super::scalar::escape_into;
use super::splice::{Site, Splice};
use super::tree::{Kind, NodeId, ScalarStyle};
use super::write::{Literal, literal_lines};

/// The splices that turn a literal block, or a double-quoted scalar, into the new text in its own style.
/// Nothing when another way of writing is needed.
pub(super) fn replace(site: &Site<'_>, id: NodeId, old: &str, style: ScalarStyle, new: &str) -> Option<Vec<Splice>> {
    let in_flow = site.is_json || site.parent(id).is_some_and(|parent| parent.is_flow());
    match style {
        ScalarStyle::Literal => literal(site, id, old, new),
        ScalarStyle::Folded => unfolded(site, id, new),
        // An empty string has no layout worth keeping; where there is room, lines are better read as a block.
        ScalarStyle::DoubleQuoted if old.is_empty() && new.contains('\n') && !in_flow => None,
        ScalarStyle::DoubleQuoted => double_quoted(site, id, old, new),
        _ => None,
    }
}

fn literal(site: &Site<'_>, id: NodeId, old: &str, new: &str) -> Option<Vec<Splice>> {
    let (text, node) = (site.text(), site.node(id));
    let header_line = line_end(text, node.inner);
    let head = header(text, node.inner);
    let old_lines = lines_of(old);
    let indent = indent_of(site, id, &old_lines)?;
    let has_indicator = slice(text, head.clone()).contains(|c: char| c.is_ascii_digit());
    let wanted = block_lines(new, has_indicator)?;
    // Each old line together with the break before it.
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = header_line;
    for _ in &old_lines {
        let end = line_end(text, next_line(text, at));
        ranges.push(at..end);
        at = end;
    }
    let mut splices = Vec::new();
    let old_head = slice(text, head.clone());
    let new_head = with_chomp(old_head, &wanted, new);
    if new_head != old_head {
        splices.push(Splice::new(head, new_head));
    }
    for hunk in hunks(&old_lines, &wanted.lines) {
        let start = ranges.get(hunk.old.start).map_or(at, |range| range.start);
        let end = if hunk.old.is_empty() { start } else { ranges.get(hunk.old.end - 1)?.end };
        let mut out = String::new();
        for line in wanted.lines.get(hunk.new)? {
            push_line(&mut out, line_break(text), indent, line);
        }
        splices.push(Splice::new(start..end, out));
    }
    let ends_open = node.end == text.len() && !wanted.chomp.starts_with('-');
    if ends_open && !splices.is_empty() && slice(text, node.inner..node.end).ends_with(|c| c != '\n' && c != '\r') {
        splices.push(Splice::insert(text.len(), line_break(text)));
    }
    Some(splices)
}

/// A folded block is written as a literal one: where to fold is nobody's to guess.
fn unfolded(site: &Site<'_>, id: NodeId, new: &str) -> Option<Vec<Splice>> {
    let (text, node) = (site.text(), site.node(id));
    let header_line = line_end(text, node.inner);
    let body = slice(text, header_line..node.end);
    let first = body.lines().find(|line| !line.trim().is_empty())?;
    let indent = first.len() - first.trim_start_matches(' ').len();
    let head = header(text, node.inner);
    if slice(text, head.clone()).contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let wanted = block_lines(new, false)?;
    let mut out = String::new();
    for line in &wanted.lines {
        push_line(&mut out, line_break(text), indent, line);
    }
    let new_head = format!("|{}", wanted.chomp);
    Some(vec![Splice::new(head, new_head), Splice::new(header_line..node.end.max(header_line), out)])
}

fn push_line(out: &mut String, line_break: &str, indent: usize, line: &str) {
    out.push_str(line_break);
    if !line.is_empty() {
        out.push_str(&" ".repeat(indent));
        out.push_str(line);
    }
}

/// The header itself: `|`, `|-`, `>2+`.
fn header(text: &str, at: usize) -> Range<usize> {
    let line = slice(text, at..line_end(text, at));
    at..at + line.find([' ', '\t']).unwrap_or(line.len())
}

/// The lines of a decoded block scalar.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    lines
}

/// The new lines; with an indentation indicator the first one may begin with a blank.
fn block_lines(text: &str, has_indicator: bool) -> Option<Literal<'_>> {
    let first = text.trim_start_matches('\n');
    if !has_indicator || !first.starts_with([' ', '\t']) {
        return literal_lines(text);
    }
    let skipped = text.len() - first.trim_start_matches([' ', '\t']).len();
    let exact = literal_lines(slice(text, skipped..text.len()))?;
    Some(Literal { chomp: exact.chomp, lines: lines_of(text) })
}

/// The old header, its chomping changed where the new text's end needs another one.
fn with_chomp(head: &str, wanted: &Literal<'_>, new: &str) -> String {
    let keeps = head.contains('+') && new.ends_with('\n');
    if keeps {
        return head.to_owned();
    }
    head.replace(['-', '+'], "") + wanted.chomp
}

/// How far the block's lines are indented: what stands before the first line that has text.
fn indent_of(site: &Site<'_>, id: NodeId, lines: &[&str]) -> Option<usize> {
    let (text, node) = (site.text(), site.node(id));
    let mut at = next_line(text, node.inner);
    for line in lines {
        if !line.is_empty() {
            return slice(text, at..line_end(text, at)).len().checked_sub(line.len());
        }
        at = next_line(text, at);
    }
    let parent = site.parent(id)?;
    Some(column(text, parent.inner) + site.layout(id).step)
}

fn double_quoted(site: &Site<'_>, id: NodeId, old: &str, new: &str) -> Option<Vec<Splice>> {
    let node = site.node(id);
    if !matches!(node.kind, Kind::Scalar { .. }) {
        return None;
    }
    let source = slice(site.text(), node.inner..node.end);
    let segments = quoted::segments(source)?;
    if segments.iter().map(|segment| segment.text.as_str()).collect::<String>() != old {
        return None;
    }
    let old_lines: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let last = node.end.saturating_sub(1) - node.inner;
    let mut splices = Vec::new();
    for hunk in hunks(&old_lines, &new_lines) {
        let start = segments.get(hunk.old.start).map_or(last, |segment| segment.range.start);
        let end = if hunk.old.is_empty() { start } else { segments.get(hunk.old.end - 1)?.range.end };
        let mut out = String::new();
        for line in new_lines.get(hunk.new)? {
            escape_into(&mut out, line);
        }
        splices.push(Splice::new(node.inner + start..node.inner + end, out));
    }
    Some(splices)
}

/// Old lines that give way to new ones.
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

/// What differs between two lists of lines: common ends first, then the longest common subsequence of the middle
/// where that is small enough to be worth it.
fn hunks(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_len, new_len) = (old_rest.len() - tail, new_rest.len() - tail);
    if old_len == 0 && new_len == 0 {
        return Vec::new();
    }
    let whole = Hunk { old: head..head + old_len, new: head..head + new_len };
    if old_len == 0 || new_len == 0 || old_len.saturating_mul(new_len) > 4_000_000 {
        return vec![whole];
    }
    let is_same = |a: usize, b: usize| old_rest.get(a) == new_rest.get(b);
    let width = new_len + 1;
    let mut common = vec![0u32; (old_len + 1) * width];
    let get = |common: &[u32], a: usize, b: usize| common.get(a * width + b).copied().unwrap_or(0);
    for a in (0..old_len).rev() {
        for b in (0..new_len).rev() {
            let best = if is_same(a, b) {
                get(&common, a + 1, b + 1) + 1
            } else {
                get(&common, a + 1, b).max(get(&common, a, b + 1))
            };
            if let Some(cell) = common.get_mut(a * width + b) {
                *cell = best;
            }
        }
    }
    let (mut a, mut b, mut found) = (0, 0, Vec::<Hunk>::new());
    while a < old_len || b < new_len {
        if a < old_len && b < new_len && is_same(a, b) {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        let (from_a, from_b) = (a, b);
        if b >= new_len || (a < old_len && get(&common, a + 1, b) >= get(&common, a, b + 1)) {
            a += 1;
        } else {
            b += 1;
        }
        match found.last_mut().filter(|hunk| hunk.old.end == head + from_a && hunk.new.end == head + from_b) {
            Some(hunk) => (hunk.old.end, hunk.new.end) = (head + a, head + b),
            None => found.push(Hunk { old: head + from_a..head + a, new: head + from_b..head + b }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn hunks_are_what_differs() {
        let found: Vec<_> =
            hunks(&["a", "b", "c", "d"], &["a", "x", "c", "d", "e"]).into_iter().map(|h| (h.old, h.new)).collect();
        assert_eq!(found, [(1..2, 1..2), (4..4, 4..5)]);
        assert!(hunks(&["a"], &["a"]).is_empty());
    }
}
