// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// An access token is as old as its last refresh, and a request may wait for others: what the initiator holds at the
/// moment of the change counts.
@Suite struct StaleInitiatorTests {
    /// What happens to Ada after her credential was checked.
    enum Loss: CaseIterable {
        case permission, right, role, activity, existence

        func happen(to stage: Stage, for door: Door) throws {
            let installation = stage.installation
            switch self {
            case .permission: try installation.setPermissions(of: stage.staff, held(but: door.permission))
            case .right: try installation.setPermissions(of: stage.staff, held(but: "x:r"))
            case .role: try installation.setRoles(of: stage.ada, ["user"])
            case .activity: try installation.deactivate(stage.ada)
            case .existence: try installation.remove(stage.ada)
            }
        }

        private func held(but lost: String) -> Set<String> {
            Set(InMemoryStore.builtInPermissions).union(["x:r"]).subtracting([lost])
        }

        func refusal(at door: Door, byKey: Bool) -> ErrorCode? {
            switch self {
            case .activity, .existence: return .unauthenticated
            case .right: return door.refusalBeyondOwn
            case .permission, .role:
                // Without the permission, one's own keys are the only ones there are; a key has not even those.
                let isSomebodysKey = [.changeKey, .rotateKey, .revokeKey].contains(door) && !byKey
                return isSomebodysKey ? .notFound : .forbidden
            }
        }
    }

    @Test(arguments: Door.allCases, Loss.allCases)
    func door_afterTheInitiatorLostWhatItTakes_isShut(door: Door, loss: Loss) async throws {
        for byKey in [false, true] {
            let stage = try await Stage()
            let principal = byKey ? try await stage.key() : try stage.token
            try loss.happen(to: stage, for: door)
            #expect(await stage.outcome(of: door, by: .principal(principal)) == loss.refusal(at: door, byKey: byKey))
        }
    }

    /// The change that takes the rights away commits while this one waits for its turn, or right before its statement.
    @Test(arguments: Door.allCases, Loss.allCases)
    func door_whenTheInitiatorLosesWhatItTakesMeanwhile_isShut(door: Door, loss: Loss) async throws {
        let stage = try await Stage()
        let principal = try stage.token
        let happen: @Sendable () -> Void = {
            do { try loss.happen(to: stage, for: door) } catch { Issue.record(error) }
        }
        // Who makes a user with the role that everybody gets waits for no turn.
        if door == .createUser {
            stage.installation.users.beforeNextCreate(happen)
        } else {
            stage.installation.transactions.beforeNext { _ in happen() }
        }
        let error = await failure { try await door.pass(on: stage, by: .principal(principal)) }
        #expect(error?.code == loss.refusal(at: door, byKey: false))
    }

    /// A token says less than its user holds since a promotion; the database is right.
    @Test func door_afterTheInitiatorGainedARight_isOpen() async throws {
        let stage = try await Stage(.beyond)
        let principal = try stage.token
        try stage.installation.setRoles(of: stage.ada, ["staff", "ops"])
        #expect(await stage.outcome(of: .changeRole, by: .principal(principal)) == nil)
    }

    @Test(arguments: Door.allCases.filter(\.takesPrecondition))
    func door_whenWhatTheCallerSawIsOld_isShut(door: Door) async throws {
        let stage = try await Stage()
        #expect(await stage.outcome(of: door, by: .principal(try stage.token), isStale: true) == .staleVersion)
        #expect(await stage.outcome(of: door, by: .shell, isStale: true) == .staleVersion)
    }
}
