//! Whole lives of cases: whatever people do in whatever order, the table
//! decides, the events add up, and adding them up again gives the same.

use case::event::{
    CaseKind, Consequence, Event, EventData, Grade, Judgement, NoDispatchReason, Urgency,
};
use case::lifecycle::{TABLE, Target};
use case::time::Timestamp;
use case::{Action, Actor, Case, Family, Party, Refusal, Role, State};
use proptest::prelude::*;

const CENTRE: &str = "inquiry-centre";
const POLICE: &str = "public-security";
const HOUSING: &str = "housing-construction";

fn judgement() -> Judgement {
    Judgement {
        handler: "test".to_owned(),
        version: "1.0.0".to_owned(),
        sha256: "00".to_owned(),
        input: "00".to_owned(),
        confidence: Some(9000),
        evidence: serde_json::Value::Null,
    }
}

fn staff(role: Role, account: &str, department: Option<&str>) -> Actor {
    Actor::Staff {
        account: account.to_owned(),
        role,
        department: department.map(str::to_owned),
    }
}

fn actor(party: Party, number: u8) -> Actor {
    match party {
        Party::Citizen => Actor::Citizen,
        Party::Channel => Actor::Channel {
            channel: "web".to_owned(),
        },
        Party::System => Actor::System {
            stage: "test".to_owned(),
        },
        Party::Staff(role) => {
            let department = (role == Role::Officer).then_some(if number.is_multiple_of(2) {
                POLICE
            } else {
                HOUSING
            });
            staff(role, &format!("{}-{}", role.name(), number % 2), department)
        }
    }
}

fn received() -> Event {
    event(
        1,
        0,
        Actor::Citizen,
        EventData::Received {
            channel: "web".to_owned(),
            case_kind: CaseKind::Consultation,
            language: "zh-CN".to_owned(),
            urgency: Urgency::Normal,
            signals: Vec::new(),
            division: None,
            publish: true,
            missing: Vec::new(),
            attachments: 0,
            held: None,
            judgement: judgement(),
        },
    )
}

fn event(sequence: u32, at: i64, actor: Actor, data: EventData) -> Event {
    Event {
        sequence,
        at: Timestamp(at),
        actor,
        request: "test".to_owned(),
        data,
    }
}

/// The event that an action leaves, with free choices taken from `choice`.
fn data(action: Action, case: &Case, actor: &Actor, choice: u8) -> EventData {
    let department = if choice.is_multiple_of(2) {
        POLICE
    } else {
        HOUSING
    }
    .to_owned();
    let consequence = match choice % 4 {
        0 => Consequence::CloseSolved,
        1 => Consequence::CloseUnsolved,
        2 => Consequence::Reopen,
        _ => Consequence::CallBack,
    };
    match action {
        Action::Admit => EventData::Admitted,
        Action::Decline => EventData::Declined,
        Action::Explain => EventData::Explained {
            reason: NoDispatchReason::LegalRoute,
        },
        Action::Withdraw => EventData::Withdrawn,
        Action::Merge => EventData::Merged {
            into: "other".to_owned(),
        },
        Action::Unmerge => EventData::Unmerged,
        Action::DeclareEmergency => EventData::EmergencyDeclared,
        Action::EndEmergency => EventData::EmergencyEnded,
        Action::Classify => EventData::Classified {
            category: "transport.bus".to_owned(),
            judgement: None,
        },
        Action::Assign => EventData::Assigned {
            department,
            co_handling: Vec::new(),
            responsibility: None,
            judgement: None,
        },
        Action::Transfer => EventData::Transferred { department },
        Action::Return => EventData::Returned {
            department: case.department.clone().unwrap_or_default(),
            suggested: None,
        },
        Action::Adjudicate => EventData::Adjudicated { department },
        Action::CoHandle => EventData::CoHandlingAdded { department },
        Action::Accept => EventData::Accepted,
        Action::Ask => EventData::Asked,
        Action::Reply => EventData::Replied,
        Action::Supplement => EventData::Supplemented,
        Action::Resume => EventData::Resumed,
        Action::Answer => EventData::Answered {
            department: match actor {
                Actor::Staff {
                    department: Some(department),
                    ..
                } => department.clone(),
                _ => CENTRE.to_owned(),
            },
            adopted: false,
            self_answered: false,
        },
        Action::RequestExtension => EventData::ExtensionRequested { working_days: 2 },
        Action::GrantExtension => EventData::ExtensionGranted { working_days: 2 },
        Action::RefuseExtension => EventData::ExtensionRefused,
        Action::Supervise => EventData::Supervised,
        Action::Approve => EventData::Approved,
        Action::SendBack => EventData::SentBack,
        Action::FollowUp => EventData::FollowedUp,
        Action::Publish => EventData::Published {
            public: choice.is_multiple_of(2),
            judgement: judgement(),
        },
        Action::Retract => EventData::Retracted,
        Action::Rate => EventData::Rated {
            grade: Grade::Satisfied,
            solved: true,
            consequence,
            tell_supervisor: false,
            reason: "test".to_owned(),
            judgement: judgement(),
        },
        Action::CloseSolved => EventData::ClosedSolved,
        Action::CloseUnsolved => EventData::ClosedUnsolved,
        Action::Reopen => EventData::Reopened,
        Action::Reconsider => EventData::Reconsidered,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Random people try random actions. What the table refuses changes
    /// nothing; what it allows leads where it says; and the history folds to
    /// the same case again.
    #[test]
    fn any_life_is_lawful(tries in prop::collection::vec((0..TABLE.len(), any::<u8>(), any::<u8>(), 0..86_400_000_i64), 1..120)) {
        let mut history = vec![received()];
        let mut case = Case::open("YZ1", &history[0]).unwrap();
        for (row, who, choice, later) in tries {
            let row = &TABLE[row];
            let party = row.parties[usize::from(who) % row.parties.len()];
            let actor = actor(party, choice);
            let before = case.clone();
            match case.check(row.action, &actor, CENTRE) {
                Err(Refusal::State { state }) => {
                    prop_assert_eq!(state, case.state);
                    prop_assert!(!row.from.contains(&state));
                }
                Err(refusal) => prop_assert!(refusal != Refusal::Role, "{refusal} for {party:?}"),
                Ok(()) => {
                    prop_assert!(row.action != Action::DeclareEmergency || before.emergency.is_none());
                    prop_assert!(row.action != Action::EndEmergency || before.emergency.is_some());
                    let data = data(row.action, &case, &actor, choice);
                    let next = event(case.sequence + 1, case.updated_at.0 + later, actor, data);
                    case.apply(&next).unwrap();
                    history.push(next);
                    match row.to {
                        Target::Same => prop_assert_eq!(case.state, before.state),
                        Target::State(state) => prop_assert_eq!(case.state, state),
                        Target::BeforeMerge => prop_assert_eq!(Some(case.state), before.merged.map(|merged| merged.from)),
                        Target::Judged => prop_assert!(matches!(
                            case.state,
                            State::ClosedSolved | State::ClosedUnsolved | State::Handling | State::Rated
                        )),
                    }
                }
            }
            prop_assert_eq!(case.urgency == Urgency::Emergency, case.emergency.is_some());
            // Who is open has somebody who must act, or a stage that will.
            let waits = case.queue().is_some() || case.state == State::Reviewed;
            prop_assert_eq!(waits, case.state.family() == Family::Open || case.state == State::Rated);
            prop_assert!(case.clock.ended.is_none() || case.state.family() != Family::Open);
            prop_assert!(case.returned_by.len() <= 2, "each department returns once");
        }
        prop_assert_eq!(&Case::fold("YZ1", &history).unwrap(), &case);
        // What is stored comes back as it was.
        let stored = serde_json::to_string(&case).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Case>(&stored).unwrap(), &case);
        for event in &history {
            let stored = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&stored).unwrap(), event);
        }
    }
}

fn answered_by(account: &str) -> Case {
    let officer = staff(Role::Officer, account, Some(POLICE));
    let history = [
        received(),
        event(
            2,
            1,
            actor(Party::System, 0),
            EventData::Classified {
                category: "a.b".to_owned(),
                judgement: None,
            },
        ),
        event(
            3,
            2,
            actor(Party::System, 0),
            EventData::Assigned {
                department: POLICE.to_owned(),
                co_handling: Vec::new(),
                responsibility: None,
                judgement: None,
            },
        ),
        event(4, 3, officer.clone(), EventData::Accepted),
        event(
            5,
            4,
            officer,
            EventData::Answered {
                department: POLICE.to_owned(),
                adopted: false,
                self_answered: false,
            },
        ),
    ];
    Case::fold("YZ1", &history).expect("a lawful history")
}

#[test]
fn author_and_reviewer_are_two_persons() {
    // The same account, even if it has meanwhile become a reviewer's.
    let case = answered_by("lin");
    let same = staff(Role::Reviewer, "lin", None);
    let other = staff(Role::Reviewer, "chen", None);
    for action in [Action::Approve, Action::SendBack] {
        assert_eq!(case.check(action, &same, CENTRE), Err(Refusal::TwoPersons));
        assert_eq!(case.check(action, &other, CENTRE), Ok(()));
    }
}

#[test]
fn an_officer_acts_for_their_own_department_only() {
    let mut case = answered_by("lin");
    case.state = State::Handling;
    let other = staff(Role::Officer, "wu", Some(HOUSING));
    let none = staff(Role::Officer, "wu", None);
    let operator = staff(Role::Operator, "zhou", None);
    for action in [Action::Answer, Action::Ask, Action::RequestExtension] {
        assert_eq!(case.check(action, &other, CENTRE), Err(Refusal::Department));
        assert_eq!(case.check(action, &none, CENTRE), Err(Refusal::Department));
        assert_eq!(
            case.check(action, &operator, CENTRE),
            Err(Refusal::Department)
        );
    }
    // What the knowledge base answers, the centre may answer.
    case.self_answer = true;
    assert_eq!(case.check(Action::Answer, &operator, CENTRE), Ok(()));
    assert_eq!(
        case.check(Action::Ask, &operator, CENTRE),
        Err(Refusal::Department)
    );
}

#[test]
fn a_merge_is_undone_exactly() {
    for state in TABLE[Action::Merge as usize].from {
        let mut case = answered_by("lin");
        case.state = *state;
        if *state == State::WaitingCitizen {
            case.clock.pauses.push(case::clock::Pause {
                from: Timestamp(4),
                to: None,
            });
        }
        let before = case.clone();
        let operator = staff(Role::Operator, "zhou", None);
        case.apply(&event(
            6,
            10,
            operator.clone(),
            EventData::Merged {
                into: "YZ2".to_owned(),
            },
        ))
        .unwrap();
        assert_eq!(case.state, State::Merged);
        assert!(case.clock.stands());
        case.apply(&event(7, 20, operator, EventData::Unmerged))
            .unwrap();
        assert_eq!(case.state, before.state);
        assert_eq!(case.clock.stands(), before.clock.stands());
        assert_eq!(
            (case.department, case.answer, case.merged),
            (before.department, before.answer, None)
        );
    }
}
