//! The few values somebody asked for, picked out of a node's events.

use std::ops::Range;

use super::tree::ScalarStyle;
use super::walk::{Step, What};

/// Which values [`outline`](super::outline()) shall report, of the document and of each entry. Paths are keys of nested mappings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'w> {
    /// Paths of single scalars, such as `["metadata", "name"]`.
    pub scalars: &'w [&'w [&'w str]],
    /// Paths of mappings whose scalar values are all wanted, such as `["metadata", "labels"]`.
    pub maps: &'w [&'w [&'w str]],
}

impl Wanted<'_> {
    /// How many keys lead to the scalars that lie deepest.
    pub(super) fn deepest(&self) -> usize {
        let scalars = self.scalars.iter().map(|path| path.len());
        scalars.chain(self.maps.iter().map(|path| path.len() + 1)).max().unwrap_or(0)
    }
}

/// A scalar and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The decoded text.
    pub text: String,
    /// How it is written; a [`ScalarStyle::Plain`] one may be no string (see [`resolve`](super::resolve)).
    pub style: ScalarStyle,
    /// Its bytes in the whole text.
    pub span: Range<usize>,
}

/// What was found at the wanted paths, in the order they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// One place for each path of [`Wanted::scalars`].
    pub scalars: Vec<Option<Scalar>>,
    /// One place for each path of [`Wanted::maps`]: keys and their scalar values, as they stand.
    pub maps: Vec<Option<Vec<(String, Scalar)>>>,
    /// An alias or merge key stands where a wanted value could be: only a [`Tree`](super::Tree) of it tells.
    pub is_veiled: bool,
    /// It is a mapping.
    pub is_mapping: bool,
}

impl Facts {
    /// The text of the scalar at that place of [`Wanted::scalars`].
    pub fn text(&self, place: usize) -> Option<&str> {
        self.scalars.get(place)?.as_ref().map(|scalar| scalar.text.as_str())
    }
}

/// Picks the wanted values out of one node's events.
pub(super) struct Collector<'t> {
    wanted: &'t Wanted<'t>,
    facts: Facts,
    /// Depth of the node itself.
    base: usize,
    /// The key whose value comes next, for each open mapping; nothing for a sequence.
    path: Vec<Level>,
    /// How many keys the longest wanted path has.
    deepest: usize,
    /// Depth of the collection that is a key and being passed over.
    skipped: Option<usize>,
}

enum Level {
    Mapping(Option<String>),
    Sequence,
}

impl<'t> Collector<'t> {
    pub fn new(wanted: &'t Wanted<'t>, base: usize) -> Self {
        let facts = Facts {
            scalars: vec![None; wanted.scalars.len()],
            maps: vec![None; wanted.maps.len()],
            ..Facts::default()
        };
        Self { wanted, facts, base, path: Vec::new(), deepest: wanted.deepest(), skipped: None }
    }

    /// True when the node is a mapping.
    pub fn is_mapping(&self) -> bool {
        self.facts.is_mapping
    }

    /// What was found.
    pub fn into_facts(self) -> Facts {
        self.facts
    }

    /// What was found so far, leaving nothing.
    pub fn take_facts(&mut self) -> Facts {
        std::mem::take(&mut self.facts)
    }

    pub fn step(&mut self, step: &Step<'_>, depth: usize) {
        if let Some(skipped) = self.skipped {
            if matches!(step.what, What::Close) && depth == skipped {
                self.skipped = None;
            }
            return;
        }
        if matches!(step.what, What::Close) {
            self.path.truncate(depth.saturating_sub(self.base));
            self.value_done();
            return;
        }
        if depth == self.base {
            self.facts.is_mapping = matches!(step.what, What::Mapping { .. });
            self.facts.is_veiled = matches!(step.what, What::Alias(_));
        }
        let is_wanted_depth = self.path.len() <= self.deepest;
        if let Some(Level::Mapping(key @ None)) = self.path.last_mut() {
            let is_merge = matches!(&step.what, What::Scalar(text, ScalarStyle::Plain) if text == "<<");
            *key = Some(match &step.what {
                // Deeper than anything wanted a key's name does not matter.
                What::Scalar(text, _) if is_wanted_depth => text.to_string(),
                _ => String::new(),
            });
            if matches!(step.what, What::Sequence { .. } | What::Mapping { .. }) {
                self.skipped = Some(depth);
            }
            if is_merge && self.is_near(self.path.len() - 1) {
                self.facts.is_veiled = true;
            }
            return;
        }
        match &step.what {
            What::Mapping { .. } => {
                if let Some(place) = self.map_place(self.path.len()) {
                    self.open_map(place);
                }
                self.path.push(Level::Mapping(None));
            }
            What::Sequence { .. } => self.path.push(Level::Sequence),
            What::Scalar(text, style) => {
                self.scalar(text, *style, step);
                self.value_done();
            }
            What::Alias(_) => {
                self.facts.is_veiled |= self.is_near(self.path.len());
                self.value_done();
            }
            What::Close => {}
        }
    }

    fn value_done(&mut self) {
        if let Some(Level::Mapping(key)) = self.path.last_mut() {
            *key = None;
        }
    }

    fn key(&self, at: usize) -> Option<&str> {
        match self.path.get(at)? {
            Level::Mapping(key) => key.as_deref(),
            Level::Sequence => None,
        }
    }

    /// True when the first `depth` keys of the current path begin `path`.
    fn begins(&self, path: &[&str], depth: usize) -> bool {
        path.len() >= depth && path.iter().take(depth).enumerate().all(|(at, key)| self.key(at) == Some(*key))
    }

    /// True when the first `depth` keys lead to something wanted, or into it.
    fn is_near(&self, depth: usize) -> bool {
        let mut wanted = self.wanted.scalars.iter().chain(self.wanted.maps);
        wanted.any(|path| self.begins(path, depth.min(path.len())))
    }

    fn open_map(&mut self, place: usize) -> Option<&mut Vec<(String, Scalar)>> {
        Some(self.facts.maps.get_mut(place)?.get_or_insert_default())
    }

    fn map_place(&self, depth: usize) -> Option<usize> {
        self.wanted.maps.iter().position(|path| path.len() == depth && self.begins(path, depth))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, step: &Step<'_>) {
        let depth = self.path.len();
        let fact = || Scalar { text: text.to_owned(), style, span: step.start..step.end };
        for (place, path) in self.wanted.scalars.iter().enumerate() {
            if path.len() == depth
                && self.begins(path, depth)
                && let Some(found) = self.facts.scalars.get_mut(place)
            {
                *found = Some(fact());
            }
        }
        let Some(outer) = depth.checked_sub(1) else {
            return;
        };
        if let (Some(place), Some(key)) = (self.map_place(outer), self.key(outer).map(str::to_owned)) {
            let fact = fact();
            if let Some(map) = self.open_map(place) {
                map.push((key, fact));
            }
        }
    }
}
