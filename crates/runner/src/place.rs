//! Where the application and its data are: the options that commands share.

use anyhow::{Context, Result, bail};
use host::HostOptions;
use manifest::{Manifest, Problem, Providers};
use std::path::{Path, PathBuf};

/// Where the application and its data are.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Place {
    /// The manifest of the application.
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    pub(crate) from: PathBuf,
    /// The SQLite database; without it, the one that Spin uses: .spin/sqlite_db.db beside the manifest.
    #[arg(long, value_name = "FILE", conflicts_with = "postgres")]
    pub(crate) sqlite: Option<PathBuf>,
    /// The PostgreSQL database, as postgres://user:password@host:port/name, instead of SQLite.
    #[arg(
        long,
        value_name = "URL",
        env = "WENZHENG_POSTGRES",
        hide_env_values = true
    )]
    pub(crate) postgres: Option<String>,
    /// A value for a variable of the manifest; goes before SPIN_VARIABLE_<NAME> in the environment and in .env.
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
}

/// Where the district's data is.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct DistrictPlace {
    /// The district's data; without it, districts/yinzhou beside the manifest.
    #[arg(long = "district", value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl DistrictPlace {
    /// The folder, if there is one.
    pub(crate) fn folder(&self, manifest: &Manifest) -> Result<PathBuf> {
        let folder = self
            .folder
            .clone()
            .unwrap_or_else(|| manifest.base_dir().join("districts/yinzhou"));
        if !folder.is_dir() {
            bail!(
                "there is no folder {} with a district: name one with --district",
                folder.display()
            );
        }
        Ok(folder)
    }
}

/// Where compiled code is kept between commands, and for the platform that runs beside them.
///
/// Never in a department's folder: what is compiled is run unchecked, and such a folder may come from anybody.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct StateDir {
    /// Where compiled components are kept; the folder of the running platform, which then need not compile what was
    /// tried or published here.
    #[arg(long, value_name = "FOLDER", default_value = ".wenzheng")]
    state_dir: PathBuf,
}

impl StateDir {
    /// The folder of compiled code.
    pub(crate) fn cache(&self) -> PathBuf {
        HostOptions::new(&self.state_dir).cache_dir
    }
}

/// The database that the platform's data is in.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A file.
    Sqlite(PathBuf),
    /// An address.
    Postgres(String),
}

impl Place {
    /// Reads the manifest.
    pub(crate) fn manifest(&self) -> Result<Manifest> {
        Manifest::load(&self.from).map_err(|problems| sentence(&problems))
    }

    /// Where the manifest's variables have their values from. `--postgres` stands for the three variables that name
    /// a PostgreSQL database.
    pub(crate) fn providers(&self) -> Result<Providers> {
        let mut arguments = Vec::new();
        if let Some(url) = &self.postgres {
            let hosts = sql::dsn_hosts(url).context("--postgres")?;
            let Some((host, port)) = hosts.first() else {
                bail!("--postgres names no host")
            };
            arguments.push("database=postgres".to_owned());
            arguments.push(format!("postgres_url={url}"));
            arguments.push(format!("postgres_host=postgres://{host}:{port}"));
        } else if self.sqlite.is_some() {
            arguments.push("database=sqlite".to_owned());
        }
        arguments.extend(self.variables.iter().cloned());
        Ok(Providers::of_process(&arguments)?)
    }

    /// The database that the variables name.
    pub(crate) fn target(&self, manifest: &Manifest) -> Result<Target> {
        let mut providers = self.providers()?;
        // The database can be named before the secrets exist, which no value of it depends on.
        for (name, variable) in &manifest.variables {
            if variable.default.is_none() {
                providers.argument(&format!("{name}="))?;
            }
        }
        let variables = providers
            .resolve(manifest)
            .map_err(|problems| sentence(&problems))?;
        let value = |name: &str| variables.get(name).map_or("", |value| value.as_str());
        match value("database") {
            "sqlite" => Ok(Target::Sqlite(self.sqlite_file(manifest.base_dir()))),
            "postgres" if value("postgres_url").is_empty() => {
                bail!(
                    "the variable `database` is postgres, but `postgres_url` is empty: give --postgres postgres://user:password@host:port/name"
                )
            }
            "postgres" => Ok(Target::Postgres(value("postgres_url").to_owned())),
            other => {
                bail!("the variable `database` is `{other}`, which is neither sqlite nor postgres")
            }
        }
    }

    /// The SQLite file, whether or not it is in use.
    pub(crate) fn sqlite_file(&self, base: &Path) -> PathBuf {
        self.sqlite
            .clone()
            .unwrap_or_else(|| base.join(".spin/sqlite_db.db"))
    }
}

/// Problems of a manifest as one error, a line each.
pub(crate) fn sentence(problems: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    anyhow::Error::msg(lines.join("\n"))
}
