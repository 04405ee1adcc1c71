// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A series: a family and the values of its labels, written as Prometheus writes it.
package struct MetricName: Hashable, Sendable {
    /// `token_verify_total{result="expired"}`.
    package let text: String

    /// - Parameters:
    ///   - family: What is measured.
    ///   - labels: Names and values, each value one of a small number.
    package init(_ family: MetricFamily, _ labels: KeyValuePairs<String, String> = [:]) {
        text = family.rawValue + (labels.isEmpty ? "" : "{\(Self.text(labels))}")
    }

    /// A name as it stands in the shared memory, in which a worker of another release may have put it.
    init(text: String) {
        self.text = text
    }

    /// The duration of requests to an operation: `method` and `route` are of the program's own tables.
    package static func requests(method: String, route: String, status: Int) -> MetricName {
        MetricName(
            .requestDuration,
            ["http_request_method": method, "http_route": route, "http_response_status_code": "\(status)"]
        )
    }

    /// The requests for which there was no room.
    static let otherRequests = requests(method: "_OTHER", route: "other", status: 0)

    /// What stands before the labels.
    var family: String { String(text.prefix { $0 != "{" }) }

    /// The labels without their braces; empty when there are none.
    var labels: Substring { text.drop { $0 != "{" }.dropFirst().dropLast() }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        labels.map { name, value in "\(name)=\"\(escaped(value))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text
    }
}
