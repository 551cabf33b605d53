//! Deals an endless sequence of items in exact shares.

use super::permutation::{Permutation, mix};

/// A deck holds each item as often as its share says and is reshuffled for every round, so that any
/// whole number of rounds holds every item in its exact share.
#[derive(Debug, Clone)]
pub(super) struct Deck {
    /// Item of each card, and which of the item's copies the card is.
    cards: Vec<(usize, u64)>,
    /// Number of cards of each item.
    copies: Vec<u64>,
}

/// One dealt card: the item, and how many cards of that item came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dealt {
    pub(super) item: usize,
    pub(super) nth: u64,
}

impl Deck {
    pub(super) fn new(shares: &[u64]) -> Self {
        let cards = shares
            .iter()
            .enumerate()
            .flat_map(|(item, &share)| (0..share).map(move |copy| (item, copy)))
            .collect();
        Self {
            cards,
            copies: shares.to_vec(),
        }
    }

    /// Number of cards in a round.
    pub(super) fn len(&self) -> u64 {
        self.cards.len() as u64
    }

    /// Number of cards of one item in a round.
    pub(super) fn share(&self, item: usize) -> u64 {
        self.copies[item]
    }

    /// Returns the card at a position of the endless sequence.
    pub(super) fn deal(&self, seed: u64, position: u64) -> Dealt {
        let (round, at) = (position / self.len(), position % self.len());
        let (item, copy) = self.cards[self.shuffle(seed, round).apply(at) as usize];
        Dealt {
            item,
            nth: round * self.copies[item] + copy,
        }
    }

    /// Returns the position at which the `nth` card of an item is dealt; undoes [`deal`](Self::deal).
    pub(super) fn position(&self, seed: u64, dealt: Dealt) -> u64 {
        let copies = self.copies[dealt.item];
        let first = self.copies[..dealt.item].iter().sum::<u64>();
        let round = dealt.nth / copies;
        round * self.len() + self.shuffle(seed, round).invert(first + dealt.nth % copies)
    }

    fn shuffle(&self, seed: u64, round: u64) -> Permutation {
        Permutation::new(self.len(), mix(seed, round))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_holds_the_exact_shares() {
        let deck = Deck::new(&[1, 3, 2]);
        for round in 0..5 {
            let mut counts = [0; 3];
            for at in 0..6 {
                counts[deck.deal(42, round * 6 + at).item] += 1;
            }
            assert_eq!(counts, [1, 3, 2]);
        }
    }

    #[test]
    fn position_undoes_deal_and_no_card_repeats() {
        let deck = Deck::new(&[2, 5, 1]);
        let mut seen = std::collections::HashSet::new();
        for position in 0..80 {
            let dealt = deck.deal(7, position);
            assert_eq!(deck.position(7, dealt), position);
            assert!(seen.insert((dealt.item, dealt.nth)));
        }
    }
}
