//! Who the memories are about.

use super::error::GrammarError;
use super::lexicon::check_distinct;
use super::permutation::mix;
use super::source::PeopleSource;

/// A person by rank in the [`People`]; the same rank is the same person in every memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person(pub(super) u64);

/// Every given name with every surname.
#[derive(Debug)]
pub(super) struct People {
    names: PeopleSource,
}

impl People {
    /// # Errors
    /// [`GrammarError::List`] where a list of names is empty or holds a name twice.
    pub(super) fn new(names: PeopleSource) -> Result<Self, GrammarError> {
        let given = names.women.iter().chain(&names.men);
        check_distinct("given names", given.map(String::as_str))?;
        check_distinct("surnames", names.surnames.iter().map(String::as_str))?;
        for list in [
            &names.relations,
            &names.relations_of_women,
            &names.relations_of_men,
        ] {
            check_distinct("relations", list.iter().map(String::as_str))?;
        }
        Ok(Self { names })
    }

    /// Number of people.
    pub(super) fn size(&self) -> u64 {
        (self.given_names() * self.names.surnames.len()) as u64
    }

    pub(super) fn given(&self, person: Person) -> &str {
        let at = self.given_position(person);
        match at.checked_sub(self.names.women.len()) {
            Some(man) => &self.names.men[man],
            None => &self.names.women[at],
        }
    }

    pub(super) fn surname(&self, person: Person) -> &str {
        &self.names.surnames[person.0 as usize / self.given_names()]
    }

    pub(super) fn is_woman(&self, person: Person) -> bool {
        self.given_position(person) < self.names.women.len()
    }

    /// What the person is to the agent's user, such as "my cousin"; fixed for a person and a seed.
    pub(super) fn relation(&self, person: Person, seed: u64) -> &str {
        let both = &self.names.relations;
        let own = if self.is_woman(person) {
            &self.names.relations_of_women
        } else {
            &self.names.relations_of_men
        };
        let at = (mix(seed, person.0) % (both.len() + own.len()) as u64) as usize;
        both.get(at).unwrap_or_else(|| &own[at - both.len()])
    }

    fn given_names(&self) -> usize {
        self.names.women.len() + self.names.men.len()
    }

    fn given_position(&self, person: Person) -> usize {
        person.0 as usize % self.given_names()
    }
}
