// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

import struct FoundationEssentials.UUID

/// API keys that were looked up a moment ago.
@Suite struct KeptAPIKeyTests {
    private let installation: Installation
    private let owner: User
    private let created: APIKeyService.Created

    init() async throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        owner = try installation.addUser(roles: ["user", "ops"])
        created = try await installation.apiKeys.create(
            NewAPIKey(owner: owner.id, name: "deploy", grants: Grants(roles: ["user", "ops"], permissions: ["x:r"])),
            by: .shell
        )
    }

    private var repository: InMemoryAPIKeyRepository { installation.apiKeyRepository }

    private func principal() async throws(DomainError) -> Principal {
        try await installation.authentication.principal(apiKey: created.secret.exposed)
    }

    /// How often the database was asked while the key was shown once.
    private func checks() async throws -> Int {
        let before = repository.checks
        _ = try await principal()
        return repository.checks - before
    }

    @Test func principal_again_isTheSame_andAsksNoRepository() async throws {
        let first = try await principal()
        repository.outage.begin()
        #expect(try await principal() == first)
        #expect(repository.checks == 1)
    }

    @Test func principal_again_countsAsAUse() async throws {
        _ = try await principal()
        installation.clock.advance(by: .seconds(1))
        _ = try await principal()
        await installation.usage.flush()
        let use = APIKeyUse(id: created.key.id, count: 2, usedAt: installation.clock.now())
        #expect(repository.batches == [[use]])
    }

    @Test func principal_isKeptForSomeSeconds() async throws {
        _ = try await principal()
        installation.clock.advance(by: APIKeyLookup.lifetime - .microseconds(1))
        #expect(try await checks() == 0)
        installation.clock.advance(by: .microseconds(1))
        #expect(try await checks() == 1)
        #expect(try await checks() == 0)
    }

    @Test func principal_whenTheClockWasSetBack_isLookedUp() async throws {
        _ = try await principal()
        installation.clock.advance(by: .zero - .seconds(1))
        #expect(try await checks() == 1)
    }

    @Test func principal_ofAKeyThatExpiresMeanwhile_isRefusedFromThatInstantOn() async throws {
        let expiring = try await installation.apiKeys.create(
            NewAPIKey(owner: owner.id, name: "short", expiresAt: installation.clock.now() + .seconds(5)),
            by: .shell
        )
        let secret = expiring.secret.exposed
        _ = try await installation.authentication.principal(apiKey: secret)
        installation.clock.advance(by: .seconds(5) - .microseconds(1))
        _ = try await installation.authentication.principal(apiKey: secret)
        installation.clock.advance(by: .microseconds(1))
        let error = await failure { try await installation.authentication.principal(apiKey: secret) }
        #expect(error?.code == .unauthenticated)
    }

    @Test func principal_ofAnotherKey_isLookedUp_andNoneThatIsRefusedIsKept() async throws {
        _ = try await principal()
        let stranger = try installation.format.generate().text.exposed
        let grace = try installation.addUser("grace")
        let orphan = try await installation.apiKeys.create(NewAPIKey(owner: grace.id, name: "x"), by: .shell)
        try installation.deactivate(grace)
        for secret in [stranger, orphan.secret.exposed] {
            for _ in 0..<2 {
                let before = repository.checks
                let error = await failure { try await installation.authentication.principal(apiKey: secret) }
                #expect(error?.code == .unauthenticated)
                #expect(repository.checks == before + 1)
            }
        }
    }

    @Test func principal_whenTheKeyWasRevoked_isRefusedOnceThatIsSeen() async throws {
        _ = try await principal()
        try await installation.apiKeys.revoke(created.key.id, by: .shell)
        #expect(try await checks() == 0, "not seen yet")
        installation.note(.apiKey, created.key.id.uuid)
        #expect(await failure { try await principal() }?.code == .unauthenticated)
    }

    @Test func principal_whenKeyOwnerOrRolesChanged_isLookedUpOnce() async throws {
        _ = try await principal()
        let changes: [(Revocation.Kind, UUID)] = [
            (.apiKey, created.key.id.uuid), (.user, owner.id.uuid), (.roles, try installation.role("ops").id.uuid),
        ]
        for (kind, subject) in changes {
            installation.note(kind, subject)
            #expect(try await checks() == 1, "\(kind)")
            #expect(try await checks() == 0, "\(kind)")
        }
    }

    @Test func principal_whenOthersChanged_isNotLookedUp() async throws {
        _ = try await principal()
        installation.note(.apiKey, UUID())
        installation.note(.user, UUID())
        installation.note(.session, created.key.id.uuid)
        #expect(try await checks() == 0)
    }

    @Test func principal_whenTheOwnerLosesARole_losesIt() async throws {
        #expect(try await principal().grants.permissions == ["x:r"])
        try installation.setRoles(of: owner, ["user"])
        installation.note(.user, owner.id.uuid)
        #expect(try await principal().grants == Grants(roles: ["user"]))
    }

    /// The look-up has read the key from before; kept, it would be good until its lifetime is over.
    @Test func principal_whenTheChangeIsSeenDuringTheLookUp_isNotKept() async throws {
        repository.duringNextCheck { [installation, created] in
            installation.note(.apiKey, created.key.id.uuid)
        }
        _ = try await principal()
        #expect(try await checks() == 1)
        #expect(try await checks() == 0)
    }

    @Test func principal_whileChangesAreNotReadInTime_isLookedUp() async throws {
        _ = try await principal()
        let now = MonotonicTime.now()
        installation.revocations.complete(asOf: now + (.zero - RevocationList.bound) + (.zero - .milliseconds(1)))
        #expect(try await checks() == 1)
        #expect(try await checks() == 1)
        repository.outage.begin()
        #expect(await failure { try await principal() }?.code == .unavailable)
    }

    @Test func principal_fromBeforeAPause_isLookedUp() async throws {
        let revocations = installation.revocations
        let start = MonotonicTime.now() + .seconds(86_400)
        revocations.complete(asOf: start)
        _ = try await principal()
        let next = start + RevocationList.bound
        revocations.complete(asOf: next, at: next)
        #expect(try await checks() == 0, "read in time")
        let late = next + RevocationList.bound + .milliseconds(1)
        revocations.complete(asOf: late, at: late)
        #expect(try await checks() == 1)
        #expect(try await checks() == 0)
    }

    @Test func principal_fromBeforeAGap_isLookedUp() async throws {
        _ = try await principal()
        installation.revocations.noteGap()
        #expect(try await checks() == 1)
        #expect(try await checks() == 0)
    }

    @Test func keys_inLargeNumbers_areNotAllKept() async throws {
        let lookup = APIKeyLookup(
            apiKeys: repository,
            hasher: installation.keyHasher,
            revocations: installation.revocations,
            usage: installation.usage
        )
        let now = installation.clock.now()
        for _ in 0..<(APIKeyLookup.capacity + 10) {
            let secret = try installation.format.generate()
            try installation.store.access { tables throws(DomainError) in
                tables.apiKeys[try secretHash(secret)] = created.key
            }
            #expect(try await lookup.principal(of: secret, at: now) != nil)
        }
        #expect(lookup.count <= APIKeyLookup.capacity)
        #expect(lookup.count >= APIKeyLookup.capacity / 2)
    }

    private func secretHash(_ secret: APIKeySecret) throws(DomainError) -> [UInt8] {
        do throws(CryptoError) {
            return try installation.keyHasher.hash(secret)
        } catch {
            throw DomainError(.internal, "The test is wrong.")
        }
    }
}
