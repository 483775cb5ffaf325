//! Every Dex in the input: its own configuration wherever it is kept, and the Dex that an app runs itself.

use serde_json::Value;

use super::text::key_of;
use super::{Container, FileAt, Said, Seen, World};
use crate::app::profile::Profile;
use crate::app::recognise::{container_of, is_component};
use crate::krm::{Object, Place};
use crate::patch::token;
use crate::yaml::Encoding;

/// One Dex.
#[derive(Clone, Debug)]
pub struct Dex<'a> {
    /// The issuer, in the end.
    pub issuer: Option<Said>,
    /// Its clients.
    pub clients: Vec<DexClient>,
    /// Its connectors, each with its place.
    pub connectors: Vec<(Value, Place)>,
    /// The configuration's root.
    pub place: Place,
    /// The configuration.
    pub config: Value,
    /// Where it runs, where that is known.
    pub namespace: Option<String>,
    /// Its pods, or what values say of them.
    pub containers: Vec<Container>,
    /// The app that runs it, for one that is bundled.
    pub bundled_in: Option<&'a Profile>,
    /// Whether more clients may be registered than the input shows.
    pub is_partial: bool,
}

/// One static client.
#[derive(Clone, Debug)]
pub struct DexClient {
    /// The id, where it is written out.
    pub id: Option<String>,
    /// The entry.
    pub place: Place,
    /// The entry's fields.
    pub value: Value,
}

impl DexClient {
    /// A field, in whichever case its key is.
    pub fn field(&self, name: &str) -> Option<Said> {
        let key = key_of(&self.value, name)?;
        let value = self.value.get(&key).filter(|value| !value.is_null())?;
        Some(Said::new(value.clone(), self.place.under(&format!("/{}", token(&key)))))
    }

    /// A field's text, where it is filled.
    pub fn text(&self, name: &str) -> Option<Said> {
        self.field(name).filter(|said| said.text().is_some_and(|text| !text.is_empty()))
    }

    /// Whether it has no secret by design.
    pub fn is_public(&self) -> bool {
        self.field("public").is_some_and(|said| said.is_on())
    }

    /// The entries of a list, each with its place.
    pub fn list(&self, name: &str) -> Vec<Said> {
        let Some(said) = self.field(name) else { return Vec::new() };
        let items = said.value.as_array().cloned().unwrap_or_default().into_iter().enumerate();
        items.map(|(index, item)| Said::new(item, said.place.under(&format!("/{index}")))).collect()
    }

    /// Where the entry is named: its id, or the entry itself.
    pub fn name_place(&self) -> Place {
        self.field("id").or_else(|| self.field("idEnv")).map_or_else(|| self.place.clone(), |said| said.place)
    }

    /// What it is called in a message.
    pub fn title(&self) -> String {
        let id =
            self.id.clone().or_else(|| self.text("idEnv").and_then(|said| said.text()).map(|name| format!("${name}")));
        id.unwrap_or_else(|| "without an id".to_owned())
    }
}

impl Dex<'_> {
    /// The client of an id.
    pub fn client(&self, id: &str) -> Option<&DexClient> {
        // The last one of an id counts.
        self.clients.iter().rev().find(|client| client.id.as_deref() == Some(id))
    }

    /// The issuer as text, where it is what will be there in the end.
    pub fn issuer_text(&self) -> Option<String> {
        self.issuer.as_ref()?.literal()
    }

    /// A field of the configuration, in whichever case its key is.
    pub fn field(&self, name: &str) -> Option<Said> {
        let key = key_of(&self.config, name)?;
        let value = self.config.get(&key).filter(|value| !value.is_null())?;
        Some(Said::new(value.clone(), self.place.under(&format!("/{}", token(&key)))))
    }

    /// A variable of Dex's pods; the first pod that has it counts.
    pub fn variable(&self, world: &World<'_>, name: &str) -> Seen {
        let mut seen = if self.containers.is_empty() { Seen::Unseen } else { Seen::Absent };
        for container in &self.containers {
            seen = match (seen, world.variable(container, name)) {
                (_, Seen::Is(said)) => return Seen::Is(said),
                (Seen::Unseen, _) | (_, Seen::Unseen) => Seen::Unseen,
                (seen, Seen::Absent) => seen,
            };
        }
        seen
    }

    /// What a client's secret is, and where it comes from.
    pub fn secret_of(&self, world: &World<'_>, client: &DexClient) -> Seen {
        if let Some(secret) = client.text("secret") {
            let reference = self.bundled_in.and_then(|profile| {
                let store = profile.client.as_ref()?.secret_store.as_ref()?;
                let text = secret.text()?;
                let reference = text.strip_prefix('$')?.to_owned();
                let (name, key) = reference.split_once(':').unwrap_or((&store.name, &reference));
                let key =
                    super::SecretKey { namespace: self.namespace.clone(), name: name.to_owned(), key: key.to_owned() };
                Some(world.of_secret(key, &secret.place))
            });
            return Seen::Is(reference.unwrap_or(secret));
        }
        match client.text("secretEnv").and_then(|said| said.text()) {
            Some(name) => self.variable(world, &name),
            None => Seen::Absent,
        }
    }
}

/// Finds all of them.
pub(super) fn find<'a>(world: &World<'a>, profiles: &[&'a Profile]) -> Vec<Dex<'a>> {
    let mut found = by_content(world);
    let own = profiles.iter().find(|profile| profile.name == "dex").copied();
    if let Some(own) = own {
        with_pods(world, own, &mut found);
        found.extend(in_values(world, own));
    }
    for profile in profiles.iter().filter(|profile| profile.bundled_dex.is_some()) {
        found.extend(bundled(world, profile));
    }
    for dex in &mut found {
        dex.is_partial |= dex.field("grpc").is_some();
    }
    found
}

/// A mapping with an issuer, or clients, and a key that only Dex has beside it.
fn is_config(value: &Value) -> bool {
    let has = |name: &str| key_of(value, name).is_some();
    let of_dex = ["staticClients", "connectors", "staticPasswords", "enablePasswordDB"];
    has("issuer") && (of_dex.iter().any(|key| has(key)) || has("storage") && has("web"))
}

fn of_config<'a>(world: &World<'a>, place: Place) -> Option<Dex<'a>> {
    let config = world.texts.at(&place)?;
    let object = &world.texts.objects()[place.object];
    let mut dex = Dex {
        issuer: None,
        clients: Vec::new(),
        connectors: Vec::new(),
        namespace: object.id.namespace.clone(),
        containers: Vec::new(),
        bundled_in: None,
        is_partial: object.value.get("sops").is_some() || world.is_patched(place.object),
        place,
        config,
    };
    dex.issuer = dex.field("issuer");
    let entries = |said: Option<Said>| {
        let said = said.map(|said| (said.value.as_array().cloned().unwrap_or_default(), said.place));
        let (items, place) = said.unwrap_or_else(|| (Vec::new(), Place::object(0)));
        items.into_iter().enumerate().map(move |(index, item)| (item, place.under(&format!("/{index}"))))
    };
    dex.clients = entries(dex.field("staticClients")).map(|(value, place)| client_of(value, place)).collect();
    dex.connectors = entries(dex.field("connectors")).collect();
    Some(dex)
}

fn client_of(value: Value, place: Place) -> DexClient {
    let id = key_of(&value, "id").and_then(|key| value.get(&key)?.as_str().map(str::to_owned));
    DexClient { id: id.filter(|id| !id.is_empty() && !super::is_template(id)), place, value }
}

/// Every text, and every bare file, that reads like a configuration of Dex.
fn by_content<'a>(world: &World<'a>) -> Vec<Dex<'a>> {
    let mut found = Vec::new();
    for (index, object) in world.texts.objects().iter().enumerate() {
        for place in texts(object, index) {
            let is_it = place.inside.is_empty()
                || world.texts.raw(&place).is_some_and(|text| {
                    let lower = text.to_ascii_lowercase();
                    lower.contains("issuer")
                        && ["staticclients", "connectors", "staticpasswords", "enablepassworddb", "storage"]
                            .iter()
                            .any(|key| lower.contains(key))
                });
            if is_it && world.texts.with(&place, |value| value.is_some_and(is_config)) {
                found.extend(of_config(world, place));
            }
        }
    }
    found
}

fn texts(object: &Object, index: usize) -> Vec<Place> {
    let place = Place::object(index);
    let is_test = object.annotation("helm.sh/hook").is_some_and(|hooks| hooks.contains("test"));
    let fields: &[(&str, Encoding)] = match (object.id.group(), object.id.kind.as_str()) {
        _ if is_test => return Vec::new(),
        ("", "") if object.value.is_object() => return vec![place],
        ("", "ConfigMap") => &[("/data", Encoding::Plain)],
        ("", "Secret") => &[("/stringData", Encoding::Plain), ("/data", Encoding::Base64)],
        ("external-secrets.io", "ExternalSecret") => &[("/spec/target/template/data", Encoding::Plain)],
        ("bitnami.com", "SealedSecret") => &[("/spec/template/data", Encoding::Plain)],
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for (field, encoding) in fields {
        let map = object.value.pointer(field).and_then(Value::as_object);
        let keys = map.into_iter().flatten().filter(|(_, value)| value.is_string()).map(|(key, _)| key);
        found.extend(keys.map(|key| place.embedded(&format!("{field}/{}", token(key)), *encoding)));
    }
    found
}

/// Links pods to the configurations that they mount.
fn with_pods(world: &World<'_>, profile: &Profile, dexes: &mut [Dex<'_>]) {
    let Some(component) = profile.components.first() else { return };
    for &pod in &world.pods {
        let object = &world.texts.objects()[pod];
        let Some(pointer) = is_component(object, component).then(|| container_of(object, component)).flatten() else {
            continue;
        };
        let Some(container) = world.containers_of(pod).into_iter().find(|own| own.place.at.as_str() == pointer) else {
            continue;
        };
        let words = world.list(&container.args);
        let mut paths = words.iter().filter_map(|(word, _)| word.as_str()).filter(|word| word.starts_with('/'));
        let path =
            paths.rfind(|word| [".yaml", ".yml", ".json", ".tpl", ".tmpl"].iter().any(|end| word.ends_with(end)));
        let Some(FileAt::Key { name, .. }) = path.map(|path| world.file_at(&container, path)) else { continue };
        for dex in dexes.iter_mut() {
            let holder = &world.texts.objects()[dex.place.object];
            let made = super::secret::targets(holder);
            let is_it = holder.is_named(&name) || made.contains(&name);
            if is_it
                && holder.id.shares_namespace(object.id.namespace.as_deref())
                && world.is_beside(dex.place.object, pod)
            {
                dex.containers.push(container.clone());
                dex.namespace = dex.namespace.take().or_else(|| object.id.namespace.clone());
            }
        }
    }
}

fn in_values<'a>(world: &World<'a>, profile: &Profile) -> Vec<Dex<'a>> {
    let lists = profile.components.first().and_then(|component| component.values.as_ref());
    let mut found: Vec<Dex<'a>> = Vec::new();
    for values in super::values::releases(world, profile) {
        let Seen::Is(issuer) = values.get(world, "/config/issuer") else { continue };
        if values.get(world, "/configSecret/create").literal().as_deref() == Some("false") {
            continue;
        }
        let mut root = issuer.place.clone();
        root.at.pop_back();
        if found.iter().any(|known| known.place == root) {
            continue;
        }
        let Some(mut dex) = of_config(world, root) else { continue };
        // Clients may stand in another source than the issuer.
        if let (true, Seen::Is(list)) = (dex.clients.is_empty(), values.get(world, "/config/staticClients")) {
            let items = list.value.as_array().cloned().unwrap_or_default().into_iter().enumerate();
            dex.clients = items.map(|(index, item)| client_of(item, list.place.under(&format!("/{index}")))).collect();
        }
        dex.namespace = values.release.namespace.clone();
        dex.is_partial |= values.is_partial;
        dex.containers = lists.map(|lists| values.container(world, lists, None)).into_iter().collect();
        // What the values of this chart do not set, nothing sets.
        for container in &mut dex.containers {
            container.is_partial = values.is_partial;
        }
        dex.issuer = Some(issuer);
        found.push(dex);
    }
    // A file of values of Dex's chart that no carrier is seen for.
    for &object in &world.bare {
        let place = Place::object(object).under("/config");
        if world.texts.with(&place, |value| value.is_some_and(is_config))
            && !found.iter().any(|known| known.place == place)
        {
            found.extend(of_config(world, place).map(|dex| Dex { is_partial: true, ..dex }));
        }
        for key in world.texts.mappings(&Place::object(object)) {
            let place = Place::object(object).under(&format!("/{}/config", token(&key)));
            if world.texts.with(&place, |value| value.is_some_and(is_config)) {
                found.extend(of_config(world, place).map(|dex| Dex { is_partial: true, ..dex }));
            }
        }
    }
    found
}

/// The Dex that an app runs itself: a document of the app's, and the issuer below the app's url.
fn bundled<'a>(world: &World<'a>, profile: &'a Profile) -> Vec<Dex<'a>> {
    let Some(known) = &profile.bundled_dex else { return Vec::new() };
    let Some(document) = profile.document(&known.document) else { return Vec::new() };
    let url = profile.settings.iter().find(|setting| setting.from == Some(crate::app::profile::ValueFrom::Url));
    let mut found = Vec::new();
    for map in world.named("ConfigMap", document.config_map.as_deref().unwrap_or_default(), None) {
        let Some(place) = world.texts.in_data(map, &document.key) else { continue };
        let key = url.and_then(|setting| setting.config_map.as_ref()).map(|map| map.key.clone()).unwrap_or_default();
        let url = world.texts.said(&Place::object(map), &format!("/data/{}", token(&key)));
        found.extend(of_bundled(world, profile, place, url, &known.issuer_path));
    }
    for values in super::values::releases(world, profile) {
        let Seen::Is(Said { place, value: Value::String(_), .. }) =
            values.get(world, document.values.as_deref().unwrap_or("/"))
        else {
            continue;
        };
        let text = Place { at: Default::default(), ..place.clone() }.embedded(place.at.as_str(), Encoding::Plain);
        let said = url.and_then(|setting| {
            let own = setting.values.as_ref().and_then(|pointer| values.filled(world, pointer).said().cloned());
            own.or_else(|| {
                let host = values.filled(world, setting.values_host.as_ref()?).said()?.clone();
                let url = format!("https://{}", host.text()?);
                Some(Said { value: Value::String(url), ..host })
            })
        });
        let dex = of_bundled(world, profile, text, said, &known.issuer_path);
        found.extend(dex.map(|dex| Dex {
            namespace: values.release.namespace.clone(),
            is_partial: dex.is_partial || values.is_partial,
            ..dex
        }));
    }
    found
}

fn of_bundled<'a>(
    world: &World<'a>,
    profile: &'a Profile,
    place: Place,
    url: Option<Said>,
    path: &str,
) -> Option<Dex<'a>> {
    let config = world.texts.at(&place).filter(Value::is_object)?;
    if key_of(&config, "connectors").is_none() && key_of(&config, "staticClients").is_none() {
        return None;
    }
    let mut dex = of_config(world, place)?;
    dex.bundled_in = Some(profile);
    dex.issuer = url.and_then(|said| {
        let issuer = format!("{}{path}", said.text()?.trim_end_matches('/'));
        Some(Said { value: Value::String(issuer), ..said })
    });
    Some(dex)
}
