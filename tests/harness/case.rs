//! One fixture: its input and its document.

use std::path::{Path, PathBuf};

use private_sso::config::Config;
use private_sso::read::Input;
use private_sso::yaml::Tree;
use private_sso::{Error, Outcome};

/// How the input arrives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A `ResourceList` on standard input.
    List,
    /// A stream on standard input.
    Stream,
    /// A folder of files.
    Files,
}

/// One folder.
pub struct Case {
    /// `area/case`.
    pub name: String,
    pub folder: PathBuf,
    pub form: Form,
    /// Name and text of every input file.
    pub names: Vec<String>,
    pub texts: Vec<String>,
}

impl Case {
    /// All cases below a folder, in the order of their names.
    pub fn all(root: &Path) -> Vec<Self> {
        let mut folders = Vec::new();
        for area in entries(root).into_iter().filter(|area| area.is_dir() && !area.ends_with("validate")) {
            collect(&area, &mut folders);
        }
        folders.sort();
        folders.into_iter().filter_map(|folder| Self::read(root, folder)).collect()
    }

    fn read(root: &Path, folder: PathBuf) -> Option<Self> {
        let name = folder.strip_prefix(root).ok()?.display().to_string();
        let files = files(&folder.join("input"));
        let (form, paths) = match files.is_empty() {
            false => (Form::Files, files),
            true if folder.join("config.yaml").is_file() => (Form::Stream, vec![folder.join("input.yaml")]),
            true => (Form::List, vec![folder.join("input.yaml")]),
        };
        let names = paths.iter().filter_map(|path| Some(path.strip_prefix(&folder).ok()?.display().to_string()));
        let names = names.collect();
        // What is no UTF-8 counts as empty: both are for the command alone.
        let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect();
        Some(Self { name, folder, form, names, texts })
    }

    /// Zero bytes and what is no UTF-8 never reach the library.
    pub fn is_for_the_command_alone(&self) -> bool {
        self.texts.iter().all(String::is_empty)
    }

    /// The pipeline, as the library has it, over these texts.
    pub fn run(&self, texts: &[String]) -> Result<Outcome, Error> {
        let mut input = Input::default();
        let document = match (self.form, texts) {
            (Form::List, [text]) => {
                input = Input::resource_list(text.clone())?;
                input.function_config()?
            }
            _ => {
                for (name, text) in self.names.iter().zip(texts) {
                    let name = (self.form == Form::Files).then(|| name.clone());
                    input.add_stream(name, text.clone())?;
                }
                self.document()
            }
        };
        private_sso::run(&private_sso::configure(&document)?, input)
    }

    /// Runs a stream with this case's document.
    pub fn run_stream(&self, text: &str) -> Result<Outcome, Error> {
        let mut input = Input::default();
        input.add_stream(None, text.to_owned())?;
        private_sso::run(&self.config()?, input)
    }

    /// Runs a `ResourceList` that brings its own document.
    pub fn run_list(&self, text: &str) -> Result<Outcome, Error> {
        let input = Input::resource_list(text.to_owned())?;
        let document = input.function_config()?;
        private_sso::run(&private_sso::configure(&document)?, input)
    }

    fn config(&self) -> Result<Config, Error> {
        let document = match (self.form, self.texts.as_slice()) {
            (Form::List, [text]) => Input::resource_list(text.clone())?.function_config()?,
            _ => self.document(),
        };
        private_sso::configure(&document)
    }

    /// The text of `config.yaml`.
    pub fn config_text(&self) -> String {
        std::fs::read_to_string(self.folder.join("config.yaml")).unwrap_or_default()
    }

    fn document(&self) -> serde_json::Value {
        let text = self.config_text();
        Tree::parse(&text).and_then(|tree| tree.value()).unwrap_or_default()
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("input.yaml").is_file() || folder.join("input").is_dir() {
        return found.push(folder.to_owned());
    }
    for path in entries(folder).into_iter().filter(|path| path.is_dir()) {
        collect(&path, found);
    }
}

/// What `render` reads of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut found): (Vec<_>, Vec<_>) = entries(folder).into_iter().partition(|path| path.is_dir());
    found.retain(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"));
    found.extend(folders.iter().flat_map(|folder| files(folder)));
    found.sort();
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).map(|dir| dir.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}
