import Testing

@testable import LogRecords

/// Caches, proxies and content delivery networks.
@Suite struct EdgeFormatTests {
    /// CloudFront's columns in the order of its documentation.
    static let cloudFrontFields = """
        #Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) \
        cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes \
        time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status \
        fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
        sc-range-start sc-range-end
        """

    static let samples = [
        FormatSample(
            profile: "cloudfront", backing: .documented,
            lines: [
                "#Version: 1.0", cloudFrontFields,
                "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/78.0.3904.108%20Safari/537.36\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
            ],
            reads: [
                "node": "LAX1", "requester": "", "key": "/index.html", "cache": "hit", "status": "200", "bytes": "392",
                // The second in which the answer was over; it began up to two milliseconds before.
                "time": "2019-12-04T21:02:31.000000Z", "earliest": "2019-12-04T21:02:30.998001Z",
                "latest": "2019-12-04T21:02:31.999999Z", "client": "Mozilla",
            ]),
        FormatSample(
            profile: "cloudfront-json", backing: .documented,
            lines: [
                #"{"date":"2024-11-14","time":"21:34:06","x-edge-location":"SOF50-P2","asn":"16509","timestamp(ms)":"1731620046814","origin-fbl":"0.251","origin-lbl":"0.251","x-host-header":"d111111abcdef8.cloudfront.net","cs(Cookie)":"examplecookie=value"}"#
            ],
            // That sample has no path and no result type: its operator chose so.
            reads: ["node": "SOF50-P2", "time": "2024-11-14T21:34:06.814000Z", "key": "", "cache": "unknown"]),
        FormatSample(
            profile: "cloudflare", backing: .documented,
            lines: [
                #"{"RayID":"7a1f7ad4df2f870a","EdgeStartTimestamp":"2023-03-03T05:29:06Z","CacheCacheStatus":"dynamic","CacheReserveUsed":false,"CacheResponseBytes":9247,"CacheResponseStatus":401,"CacheTieredFill":false,"ClientASN":20115,"ClientCountry":"us","ClientDeviceType":"desktop","ClientIP":"47.35.104.49","ClientIPClass":"noRecord","ClientRequestHost":"www.theburritobot2.com","ClientRequestMethod":"GET","ClientRequestPath":"/product/66VCHSJNUP","ClientRequestProtocol":"HTTP/2","ClientRequestURI":"/product/66VCHSJNUP"}"#
            ],
            reads: [
                "key": "www.theburritobot2.com/product/66VCHSJNUP", "cache": "bypass", "client": "desktop",
                "network": "noRecord", "time": "2023-03-03T05:29:06.000000Z",
            ]),
        FormatSample(
            profile: "cloudflare", backing: .documented,
            // Logpush and Logpull give nanoseconds unless told otherwise.
            lines: [
                #"{"ClientIP":"68.278.11.89","ClientRequestHost":"testing.logpull.com","ClientRequestMethod":"GET","ClientRequestURI":"/var/www","EdgeEndTimestamp":1545155129703000000,"EdgeResponseBytes":1935,"EdgeResponseStatus":403,"EdgeStartTimestamp":1545155129696000000,"RayID":"48b371889c489b2c"}"#
            ],
            reads: [
                "time": "2018-12-18T17:45:29.703000Z", "earliest": "2018-12-18T17:45:29.696000Z", "status": "403",
                "bytes": "1935",
            ]),
        FormatSample(
            profile: "cloudflare", backing: .names,
            // Instant Logs name the path and the query apart.
            lines: [
                #"{"CacheCacheStatus":"miss","ClientRequestHost":"c.example","ClientRequestMethod":"GET","ClientRequestPath":"/v1/cameras/7/snap","ClientRequestQuery":"?account=bob","EdgeStartTimestamp":"2026-03-01T10:00:05Z","EdgeEndTimestamp":"2026-03-01T10:00:05Z","EdgeResponseStatus":200,"RayID":"8f00000000000001","ClientIP":"192.0.2.1"}"#
            ],
            reads: [
                "requester": "bob", "camera": "7", "key": "c.example/v1/cameras/7/snap?account=bob", "cache": "miss",
            ]),
        FormatSample(
            profile: "cloudfront", backing: .names,
            // Standard logging (v2), plain, with commas for the delimiter.
            lines: [
                "#Fields: date,time,c-ip,cs-method,cs-uri-stem,sc-status,sc-bytes,cs-uri-query,x-edge-result-type,time-taken",
                "2026-03-01,10:00:05,192.0.2.1,GET,/v1/cameras/7/snap,200,5300,account=bob,Miss,0.05",
            ],
            reads: [
                "requester": "bob", "camera": "7", "cache": "miss", "bytes": "5300",
                "time": "2026-03-01T10:00:05.000000Z",
            ]),
        FormatSample(
            profile: "fastly", backing: .documented,
            lines: [
                #"{"timestamp":"2026-01-29T11:41:12+0000","client_ip":"203.0.113.10","geo_country":"exampleland","geo_city":"exampleville","host":"example.com","url":"/path/to/resource","request_method":"POST","request_protocol":"HTTP/2","request_referer":"https://example.com/previous","request_user_agent":"Mozilla/5.0 (Example OS; Example Arch) ExampleBrowser/1.0","response_state":"HIT-STALE","response_status":503,"response_reason":"origin timeout","response_body_size":444,"fastly_server":"cache-example-XYZ","fastly_is_edge":true}"#
            ],
            reads: [
                "node": "cache-example-XYZ", "key": "example.com/path/to/resource", "cache": "stale", "bytes": "444",
                "time": "2026-01-29T11:41:12.000000Z",
            ]),
        FormatSample(
            profile: "akamai-datastream", backing: .documented,
            lines: [
                #"{"version":"1","cliIP":"203.0.113.7","reqTimeSec":"1787162798.123","reqMethod":"GET","reqHost":"www.example.test","reqPath":"/news/latest","queryStr":"page=2","statusCode":"200","cacheStatus":"1","turnAroundTimeMSec":"45","transferTimeMSec":"12","totalBytes":"15321","reqPort":"443","proto":"https","UA":"Mozilla/5.0","edgeIP":"23.0.0.1"}"#
            ],
            reads: [
                "node": "23.0.0.1", "key": "www.example.test/news/latest", "cache": "hit", "bytes": "15321",
                "time": "2026-08-19T18:06:38.123000Z", "earliest": "2026-08-19T18:06:38.123000Z",
                // 45 ms until the answer began, 12 ms until it was over, and what the digits of all three leave open:
                // .123999 + .045 + .012 + twice .001, less the last microsecond.
                "latest": "2026-08-19T18:06:38.182998Z",
            ]),
        FormatSample(
            profile: "google-cloud-cdn", backing: .documented,
            lines: [
                #"{"insertId":"l3lj1yfize37e","jsonPayload":{"cacheId":"SIN-7c9ff679","@type":"type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry","remoteIp":"34.87.131.93","statusDetails":"response_sent_by_backend","cacheDecision":["RESPONSE_HAS_CACHE_CONTROL","CACHE_MODE_CACHE_ALL_STATIC"]},"httpRequest":{"requestMethod":"GET","requestUrl":"http://34.120.207.59/cdn.png","requestSize":"84","status":200,"responseSize":"308313","userAgent":"curl/7.81.0","remoteIp":"34.87.131.93","cacheLookup":true,"cacheFillBytes":"308313","serverIp":"2002:a05:6a10:7598::","latency":"1.332074s"},"resource":{"type":"http_load_balancer"},"timestamp":"2024-05-01T17:27:08.073884Z","severity":"INFO"}"#
            ],
            reads: [
                "node": "SIN-7c9ff679", "key": "http://34.120.207.59/cdn.png", "cache": "miss", "bytes": "308313",
                "time": "2024-05-01T17:27:08.073884Z", "latest": "2024-05-01T17:27:09.405958Z", "client": "curl",
            ]),
        FormatSample(
            profile: "google-cloud-cdn", backing: .documented,
            lines: [
                #"{"insertId":"1oek5rg3l3fxj7","jsonPayload":{"@type":"type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry","cacheId":"SFO-fbae48ad","statusDetails":"response_from_cache"},"httpRequest":{"requestMethod":"GET","requestUrl":"http://LOAD_BALANCER_IP_ADDRESS/static/us/three-cats.jpg","requestSize":"577","status":304,"responseSize":"157","remoteIp":"CLIENT_IP_ADDRESS","cacheHit":true,"cacheLookup":true},"timestamp":"2020-06-08T23:41:25.078651Z"}"#
            ],
            reads: ["cache": "hit", "status": "304", "node": "SFO-fbae48ad"]),
        FormatSample(
            profile: "aws-alb", backing: .documented,
            lines: [
                #"http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#
            ],
            reads: [
                "node": "app/my-loadbalancer/50dc6c495c0c9188", "key": "http://www.example.com/", "cache": "unknown",
                "status": "200", "bytes": "366", "client": "curl", "time": "2018-07-02T22:23:00.186641Z",
                "earliest": "2018-07-02T22:23:00.182642Z",
            ]),
        FormatSample(
            profile: "haproxy-http", backing: .documented, envelopes: [.syslog],
            lines: [
                #"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1""#
            ],
            reads: [
                "key": "/index.html", "cache": "unknown", "bytes": "2750", "time": "2009-02-06T12:14:14.655000Z",
                "latest": "2009-02-06T12:14:14.765998Z",
            ]),
        FormatSample(
            profile: "haproxy-http", backing: .server, envelopes: [.syslog],
            lines: [
                #"<134>Nov 25 02:02:42 haproxy[15175]: 127.0.0.1:59990 [25/Nov/2026:02:02:42.148] relay cam/cam1 0/0/0/1/1 200 235 - - ---- 1/1/0/0/0 0/0 {acct-7|nest-hub} {#2239d18d5be8a667ec#22} "GET /v1/cameras/5525/snapshot?acct=acct-7 HTTP/1.1""#,
                #"<134>Nov 25 02:02:42 haproxy[15175]: 127.0.0.1:60012 [25/Nov/2026:02:02:42.192] relay relay/<CACHE> 0/0/0/0/0 304 215 - - LR-- 1/1/0/0/0 0/0 {acct-8|nest-hub} {#2239d18d5be8a667ec#22} "GET /v1/cameras/5525/snapshot?acct=acct-8 HTTP/1.1""#,
            ],
            reads: [
                "requester": "acct-8", "client": "nest-hub", "frame": "39d18d5be8a667ec", "cache": "hit",
                "camera": "5525", "status": "304",
            ], deliveries: 2),
        FormatSample(
            profile: "envoy", backing: .documented,
            lines: [
                #"[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80""#
            ],
            reads: [
                "key": "locations/api/v1/locations", "status": "204", "bytes": "0",
                "time": "2016-04-15T20:17:00.310000Z", "latest": "2016-04-15T20:17:00.537998Z",
            ]),
        FormatSample(
            profile: "envoy-json", backing: .documented,
            lines: [
                #"{"duration":0,"start_time":"2022-12-15T01:03:02.725Z","bytes_received":0,"authority":"envoydummy.chapter11","upstream_transport_failure_reason":null,"upstream_cluster":"inbound|10000||","x_forwarded_for":null,"response_code_details":"via_upstream","upstream_host":"172.17.0.9:10000","user_agent":"curl/7.86.0-DEV","request_id":"a56200f2-da0c-9396-a168-8dfddf8b623f","response_code":200,"route_name":"default","method":"GET","downstream_remote_address":"172.17.0.8:45378","upstream_service_time":"0","requested_server_name":"outbound_.80_._.envoydummy.chapter11.svc.cluster.local","protocol":"HTTP/1.1","path":"/","bytes_sent":48,"downstream_local_address":"172.17.0.9:10000","connection_termination_details":null,"response_flags":"-","upstream_local_address":"127.0.0.6:42313"}"#
            ],
            reads: [
                "key": "envoydummy.chapter11/", "cache": "unknown", "status": "200", "bytes": "48", "client": "curl",
                "time": "2022-12-15T01:03:02.725000Z", "requester": "",
            ]),
        FormatSample(
            profile: "envoy-json", backing: .names,
            // What the cache filter's integration tests expect of %RESPONSE_FLAGS% and %RESPONSE_CODE_DETAILS%.
            lines: [
                #"{"authority":"relay.test","bytes_sent":34,"duration":2,"method":"GET","path":"/v1/cameras/5525/snapshot?acct=acct-7","response_code":200,"response_code_details":"cache.response_from_cache_filter","response_flags":"RFCF","start_time":"2026-11-25T02:02:42.148Z"}"#,
                #"{"authority":"relay.test","bytes_sent":34,"duration":2,"method":"GET","path":"/v1/cameras/5525/snapshot?acct=acct-7","response_code":200,"response_code_details":"cache.insert_via_upstream","response_flags":"-","start_time":"2026-11-25T02:02:42.148Z","authorization":"Bearer e30.eyJzdWIiOiJhY2N0LTkifQ.x"}"#,
            ],
            // The second's token says {"sub":"acct-9"}.
            reads: ["requester": "acct-9", "camera": "5525", "cache": "miss"], deliveries: 2),
        FormatSample(
            profile: "envoy-json", backing: .names,
            // Contour's default members.
            lines: [
                #"{"@timestamp":"2026-03-01T10:00:05.123Z","authority":"c.example","bytes_received":0,"bytes_sent":5000,"duration":50,"method":"GET","path":"/v1/cameras/7/snap?account=bob","protocol":"HTTP/2","request_id":"r0","response_code":200,"response_flags":"-","uber_trace_id":null,"upstream_cluster":"x"}"#
            ],
            reads: [
                "requester": "bob", "camera": "7", "bytes": "5000", "time": "2026-03-01T10:00:05.123000Z",
            ]),
        FormatSample(
            profile: "caddy", backing: .names,
            // Another time_key of its encoder; header fields that came twice (RFC 9110 section 5.3).
            lines: [
                #"{"severity":"info","timestamp":1772359205.25,"msg":"handled request","request":{"method":"GET","host":"c.example","uri":"/v1/cameras/7/snap","headers":{"X-Account":["bob","alice"],"X-Client":["a","a"]}},"duration":0.05,"size":5000,"status":200,"resp_headers":{"Cache-Status":["Shield; fwd=uri-miss; stored; key=s","Edge; hit; key=\"e\""],"X-Frame-Owner":["alice","bob"]}}"#
            ],
            reads: [
                "requester": "bob, alice", "owner": "alice, bob", "client": "a", "cache": "hit", "key": "e",
                "time": "2026-03-01T10:00:05.250000Z",
            ]),
        FormatSample(
            profile: "caddy", backing: .server,
            lines: [
                #"{"level":"info","ts":1795572162.2023664,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"60152","proto":"HTTP/1.1","method":"GET","host":"127.0.0.1:18004","uri":"/v1/cameras/5525/snapshot?acct=acct-7","headers":{"X-Client":["nest-hub"],"Cookie":[],"Authorization":[],"User-Agent":["MiHome/5.6 (Android 9; \"MI 8\")"],"Accept":["*/*"],"X-Account":["acct-7"]}},"user_id":"","duration":0.001438792,"size":34,"status":200,"resp_headers":{"Content-Type":["image/jpeg"],"X-Frame-Owner":["acct-1"],"Date":["Wed, 25 Nov 2026 02:02:42 GMT"],"Content-Length":["34"],"Server":["Caddy","BaseHTTP/0.6 Python/3.11.7"],"Etag":["\"39d18d5be8a667ec\""],"Cache-Control":["max-age=60"]}}"#
            ],
            reads: [
                "requester": "acct-7", "owner": "acct-1", "frame": "39d18d5be8a667ec", "client": "nest-hub",
                "camera": "5525", "bytes": "34", "cache": "unknown", "conditional": "false",
                "time": "2026-11-25T02:02:42.202366Z", "earliest": "2026-11-25T02:02:42.200928Z",
            ]),
        FormatSample(
            profile: "nginx-combined", backing: .server,
            lines: [
                #"127.0.0.1 - acct-7 [25/Nov/2026:02:02:41 +0000] "GET /v1/cameras/5525/snapshot?acct=acct-7 HTTP/1.1" 200 34 "-" "MiHome/5.6 (Android 9; \x22MI 8\x22)" "HIT""#
            ],
            reads: [
                "requester": "acct-7", "camera": "5525", "key": "/v1/cameras/5525/snapshot?acct=acct-7", "cache": "hit",
                "client": "MiHome", "bytes": "34",
            ]),
        FormatSample(
            profile: "nginx-combined", backing: .server,
            lines: [
                #"127.0.0.1 - - [25/Nov/2026:02:02:41 +0000] "GET /v1/cameras/5525/snapshot?acct=acct-8 HTTP/1.1" 200 34 "-" "GoogleNestHub/1.42""#,
                #"127.0.0.1 - - [25/Nov/2026:02:02:42 +0000] "GET /v1/cameras/5525/snapshot?acct=acct-8 HTTP/1.1" 304 0 "-" "GoogleNestHub/1.42" HIT"#,
            ],
            reads: ["requester": "acct-8", "cache": "hit", "status": "304"], deliveries: 2),
        FormatSample(
            profile: "varnishncsa-combined", backing: .server,
            lines: [
                #"127.0.0.1 - - [25/Nov/2026:02:02:42 +0000] "GET http://127.0.0.1:18002/v1/cameras/5525/snapshot?acct=acct-8 HTTP/1.1" 304 0 "-" "GoogleNestHub/1.42""#,
                #"127.0.0.1 - acct-7 [25/Nov/2026:02:02:42 +0000] "GET http://127.0.0.1:18002/v1/cameras/5525/snapshot?acct=acct-7 HTTP/1.1" 200 34 "-" "MiHome/5.6 (Android 9; \"MI 8\")""#,
            ],
            reads: [
                "requester": "acct-7", "camera": "5525", "client": "MiHome", "cache": "unknown",
                "key": "127.0.0.1:18002/v1/cameras/5525/snapshot?acct=acct-7",
            ], deliveries: 2),
        FormatSample(
            profile: "squid-native", backing: .server,
            lines: [
                "1795572162.376      2 127.0.0.1 TCP_MISS/200 365 GET http://relay.test/v1/cameras/5525/snapshot? - FIRSTUP_PARENT/127.0.0.1 image/jpeg"
            ],
            // Squid cut the query off, and with it the account.
            reads: [
                "requester": "", "camera": "5525", "cache": "miss",
                "key": "http://relay.test/v1/cameras/5525/snapshot?",
                "time": "2026-11-25T02:02:42.376000Z", "earliest": "2026-11-25T02:02:42.373001Z",
            ]),
        FormatSample(
            profile: "squid-combined", backing: .server,
            lines: [
                #"127.0.0.1 - - [25/Nov/2026:02:02:42 +0000] "GET http://relay.test/v1/cameras/5525/snapshot? HTTP/1.1" 200 365 "-" "MiHome/5.6 (Android 9; "MI 8")" TCP_MISS:FIRSTUP_PARENT"#
            ],
            reads: ["cache": "miss", "camera": "5525", "client": "MiHome", "status": "200"]),
        FormatSample(
            profile: "trafficserver-squid", backing: .server,
            lines: [
                "1795475904.284 0 127.0.0.1 TCP_MEM_HIT/200 1050 GET http://127.0.0.1:18423/v1/cameras/862449476/snapshot?acct=1002340482 - NONE/- image/jpeg",
                "1795475904.287 0 127.0.0.1 TCP_IMS_HIT/304 187 GET http://127.0.0.1:18423/v1/cameras/133212974/snapshot?acct=5445637024 - NONE/- -",
            ],
            reads: [
                "requester": "5445637024", "camera": "133212974", "cache": "hit", "status": "304",
                "time": "2026-11-23T23:18:24.287000Z", "earliest": "2026-11-23T23:18:24.287000Z",
            ], deliveries: 2),
        FormatSample(
            profile: "apache-common", backing: .documented,
            // mod_log_config's documentation's own line; %t is when the request was received.
            lines: [
                #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#
            ],
            reads: [
                "requester": "frank", "key": "/apache_pb.gif", "bytes": "2326", "time": "2000-10-10T20:55:36.000000Z",
                "cache": "unknown",
            ]),
        FormatSample(
            profile: "aws-elb", backing: .documented,
            lines: [
                #"2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -"#
            ],
            reads: [
                "node": "my-loadbalancer", "key": "http://www.example.com/", "bytes": "29", "client": "curl",
                "time": "2015-05-13T23:39:43.945958Z", "earliest": "2015-05-13T23:39:43.945958Z",
                // 73, 1,048 and 57 us behind it.
                "latest": "2015-05-13T23:39:43.947138Z",
            ]),
        FormatSample(
            profile: "aws-s3", backing: .documented,
            lines: [
                #"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be DOC-EXAMPLE-BUCKET1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /DOC-EXAMPLE-BUCKET1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader DOC-EXAMPLE-BUCKET1.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes"#
            ],
            reads: [
                "node": "DOC-EXAMPLE-BUCKET1", "key": "/DOC-EXAMPLE-BUCKET1?versioning", "bytes": "113",
                "status": "200",
                "requester": "", "time": "2019-02-06T00:00:38.000000Z",
            ]),
        FormatSample(
            profile: "envoy", backing: .documented,
            // Istio's task "Envoy access logs".
            lines: [
                #"[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 4 4 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default"#
            ],
            reads: [
                "key": "httpbin:8000/status/418", "status": "418", "bytes": "135", "client": "curl", "cache": "unknown",
                "time": "2020-11-25T21:26:18.409000Z", "aborted": "false",
            ]),
    ]

    @Test("the line that a shield writes of a request is no answer to a client (Fastly: fastly_is_edge)")
    func shield() throws {
        func line(_ isEdge: String) -> String {
            #"{"timestamp":"2026-03-01T10:00:05+0000","client_ip":"203.0.113.9","host":"h","url":"/v1/cameras/7/s.jpg","request_method":"GET","response_state":"HIT","response_status":200,"response_body_size":5000,"fastly_server":"cache-iad","fastly_is_edge":\#(isEdge)}"#
        }
        let parsed = try Parsed(line("false"), line("true"), shipped: "fastly")
        #expect(parsed.outcomes == [.ignored, .accepted])
        #expect(parsed.batch.deliveries.count == 1)
    }

    @Test(
        "a whole URL in ECS's url.original is the key alone; a path has the domain in front",
        arguments: [
            ("https://h/v1/cameras/7/s.jpg", "https://h/v1/cameras/7/s.jpg"),
            ("/v1/cameras/7/s.jpg", "h/v1/cameras/7/s.jpg"),
            ("HTTP://H:80/v1/cameras/7/s.jpg?a=1", "http://h/v1/cameras/7/s.jpg?a=1"),
        ])
    func wholeURL(_ original: String, _ key: String) throws {
        let line =
            #"{"@timestamp":"2026-03-01T10:00:05Z","http":{"response":{"status_code":200,"headers":{"x-cache":"HIT"}}},"url":{"domain":"h","path":"/v1/cameras/7/s.jpg","original":"\#(original)"},"user":{"name":"bob"}}"#
        let parsed = try Parsed(line, shipped: "ecs-json")
        #expect(parsed.text(parsed.batch.deliveries.first?.key) == key, "\(parsed.outcomes)")
        #expect(parsed.text(parsed.batch.deliveries.first?.camera) == "7")
    }

    @Test("a line that Envoy writes while a request is under way is no answer (its access log types)")
    func interim() throws {
        func line(_ type: String) -> String {
            #"{"start_time":"2026-03-01T10:00:05.000Z","response_code":200,"response_flags":"-","path":"/v1/cameras/7/s.jpg","authority":"h","duration":5,"bytes_sent":9,"access_log_type":"\#(type)"}"#
        }
        let parsed = try Parsed(
            line("DownstreamStart"), line("DownstreamPeriodic"), line("UpstreamEnd"), line("DownstreamEnd"),
            line("NotSet"),
            shipped: "envoy-json")
        #expect(parsed.outcomes == [.ignored, .ignored, .ignored, .accepted, .accepted])
    }

    @Test("a server's lines say what a person reads in them", arguments: samples)
    func sample(_ sample: FormatSample) throws { try sample.check() }
}
