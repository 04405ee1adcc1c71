// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// An error as it leaves: `application/problem+json` (RFC 9457).
struct Problem: Sendable {
    let error: DomainError
    /// What the `type` of problems is built from.
    let publicURL: PublicURL
    /// The path of the request.
    let instance: String
    let requestID: String

    /// The answer.
    var reply: Reply {
        var reply = Reply(status: error.code.status, contentType: .problem, body: json)
        switch error.code {
        case .unavailable:
            reply.headers[.retryAfter] = "1"
        case .rateLimited:
            if let exceeded = error.cause as? RateLimitExceeded { reply.headers = exceeded.headers }
        default:
            break
        }
        return reply
    }

    private var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("type", "\(publicURL)/problems/\(error.code.slug)")
            json.member("title", error.code.title)
            json.member("status", Int64(error.code.status.code))
            json.member("detail", error.detail)
            json.member("instance", instance)
            json.member("code", error.code.rawValue)
            json.member("request_id", requestID)
            json.name("errors")
            json.array(error.fields) { json, field in
                json.object { json in
                    json.member("field", field.name)
                    json.member("code", field.code)
                    json.member("message", field.message)
                }
            }
        }
        return json.bytes
    }
}
