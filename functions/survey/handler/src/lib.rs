//! The default handler of the stage survey: what follows from a citizen's
//! rating of an answer.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "survey-handler",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::wenzheng::handlers::survey::{
    Consequence, Grade, Outcome, RatedCase, Rating,
};
pub use bindings::wenzheng::handlers::types::{About, CaseKind, Error, Urgency};

/// How a rating is read: five grades, of which the norm counts three as good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Pleased,
    Fair,
    Cross,
    Furious,
}

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-survey".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// What follows from `rating`. No rating is lost on anybody, and no case is
/// closed as solved against the citizen's word.
///
/// | grade                  | solved                | unsolved, first time      | unsolved, reopened before |
/// |------------------------|-----------------------|---------------------------|---------------------------|
/// | satisfied, very        | close-solved          | close-unsolved ¹          | close-unsolved ¹          |
/// | fairly satisfied       | close-solved          | call-back                 | close-unsolved ¹ ²        |
/// | dissatisfied           | close-solved ³        | reopen ² ⁴                | call-back ²               |
/// | very dissatisfied      | close-solved ²        | reopen ²                  | call-back ²               |
///
/// ¹ call-back instead while the matter is urgent or an emergency: a danger
///   that is still there is not filed.
/// ² the supervisor hears of it.
/// ³ the supervisor hears of it if the answer was late.
/// ⁴ of an answer by the centre itself the supervisor does not hear yet: no
///   department has had the case so far, and now one gets it.
pub fn judge(rated: &RatedCase, rating: &Rating) -> Consequence {
    let mood = match rating.grade {
        Grade::VerySatisfied | Grade::Satisfied => Mood::Pleased,
        Grade::FairlySatisfied => Mood::Fair,
        Grade::Dissatisfied => Mood::Cross,
        Grade::VeryDissatisfied => Mood::Furious,
    };
    let filed = match rated.urgency {
        Urgency::Normal => Outcome::CloseUnsolved,
        Urgency::Urgent | Urgency::Emergency => Outcome::CallBack,
    };
    let again = rated.reopened > 0;
    let (outcome, tell_supervisor, reason) = match (mood, rating.solved) {
        (Mood::Pleased, true) => (Outcome::CloseSolved, false, "satisfied-solved"),
        (Mood::Pleased, false) => (filed, false, "satisfied-unsolved"),
        (Mood::Fair, true) => (Outcome::CloseSolved, false, "fairly-satisfied-solved"),
        (Mood::Fair, false) if again => (filed, true, "fairly-satisfied-unsolved-again"),
        (Mood::Fair, false) => (Outcome::CallBack, false, "fairly-satisfied-unsolved"),
        (Mood::Cross, true) => (Outcome::CloseSolved, rated.late, "dissatisfied-solved"),
        (Mood::Furious, true) => (Outcome::CloseSolved, true, "very-dissatisfied-solved"),
        (Mood::Cross, false) if again => (Outcome::CallBack, true, "dissatisfied-unsolved-again"),
        (Mood::Furious, false) if again => {
            (Outcome::CallBack, true, "very-dissatisfied-unsolved-again")
        }
        (Mood::Cross, false) => (
            Outcome::Reopen,
            !rated.self_answered,
            "dissatisfied-unsolved",
        ),
        (Mood::Furious, false) => (Outcome::Reopen, true, "very-dissatisfied-unsolved"),
    };
    Consequence {
        outcome,
        tell_supervisor,
        reason: reason.into(),
    }
}

#[cfg(target_arch = "wasm32")]
mod component {
    use super::{About, Consequence, Error, RatedCase, Rating, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::survey::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn judge(rated: RatedCase, rating: Rating) -> Result<Consequence, Error> {
            Ok(super::judge(&rated, &rating))
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{CallBack, CloseSolved, CloseUnsolved, Reopen};

    fn case(reopened: u32) -> RatedCase {
        RatedCase {
            kind: CaseKind::Help,
            urgency: Urgency::Normal,
            reopened,
            self_answered: false,
            late: false,
        }
    }

    fn outcome(rated: &RatedCase, grade: Grade, solved: bool) -> (Outcome, bool) {
        let judged = judge(
            rated,
            &Rating {
                grade,
                solved,
                comment: None,
            },
        );
        (judged.outcome, judged.tell_supervisor)
    }

    /// The table of `judge`, written out.
    #[test]
    fn every_row_of_the_table() {
        let rows = [
            (
                Grade::VerySatisfied,
                (CloseSolved, false),
                (CloseUnsolved, false),
                (CloseUnsolved, false),
            ),
            (
                Grade::Satisfied,
                (CloseSolved, false),
                (CloseUnsolved, false),
                (CloseUnsolved, false),
            ),
            (
                Grade::FairlySatisfied,
                (CloseSolved, false),
                (CallBack, false),
                (CloseUnsolved, true),
            ),
            (
                Grade::Dissatisfied,
                (CloseSolved, false),
                (Reopen, true),
                (CallBack, true),
            ),
            (
                Grade::VeryDissatisfied,
                (CloseSolved, true),
                (Reopen, true),
                (CallBack, true),
            ),
        ];
        for (grade, solved, first, again) in rows {
            assert_eq!(outcome(&case(0), grade, true), solved, "{grade:?}");
            assert_eq!(outcome(&case(3), grade, true), solved, "{grade:?}");
            assert_eq!(outcome(&case(0), grade, false), first, "{grade:?}");
            assert_eq!(outcome(&case(1), grade, false), again, "{grade:?}");
            assert_eq!(outcome(&case(u32::MAX), grade, false), again, "{grade:?}");
        }
    }

    #[test]
    fn every_combination_keeps_the_promises() {
        let grades = [
            Grade::VeryDissatisfied,
            Grade::Dissatisfied,
            Grade::FairlySatisfied,
            Grade::Satisfied,
            Grade::VerySatisfied,
        ];
        let kinds = [
            CaseKind::Complaint,
            CaseKind::Consultation,
            CaseKind::Help,
            CaseKind::Report,
            CaseKind::Suggestion,
        ];
        let mut combinations = 0;
        for (level, grade) in grades.into_iter().enumerate() {
            for kind in kinds {
                for urgency in [Urgency::Normal, Urgency::Urgent, Urgency::Emergency] {
                    for reopened in [0, 1, 2] {
                        for flags in 0..8 {
                            let (solved, self_answered, late) =
                                (flags & 1 > 0, flags & 2 > 0, flags & 4 > 0);
                            let rated = RatedCase {
                                kind,
                                urgency,
                                reopened,
                                self_answered,
                                late,
                            };
                            let (outcome, told) = outcome(&rated, grade, solved);
                            combinations += 1;
                            assert_eq!(
                                outcome == CloseSolved,
                                solved,
                                "solved is the citizen's word"
                            );
                            assert!(outcome != Reopen || (reopened == 0 && level < 2));
                            assert!(outcome != CloseUnsolved || urgency == Urgency::Normal);
                            assert!(!told || level <= 2, "a good rating is nobody's fault");
                            assert!(told || level > 0, "nobody very dissatisfied goes unheard");
                            if grade == Grade::Dissatisfied {
                                let expected = match (solved, reopened) {
                                    (true, _) => late,
                                    (false, 0) => !self_answered,
                                    (false, _) => true,
                                };
                                assert_eq!(told, expected);
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(combinations, 5 * 5 * 3 * 3 * 8);
    }
}
